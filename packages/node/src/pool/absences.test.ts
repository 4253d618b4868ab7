import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createSet } from "@metis/committee";
import { emissionReserveAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { MemoryStore } from "@metis/runtime";
import { decodeFunctionData, encodeAbiParameters, encodeEventTopics, numberToHex, zeroAddress, zeroHash } from "viem";
import type { Hash, Hex } from "viem";
import type { L1Log, L1LogFilter } from "../l1/client.ts";
import { AbsenceWitness, attestedBy } from "./absences.ts";

const set = createSet(
  Array.from({ length: 6 }, (_, i) => ({ signer: numberToHex(0x10 + i, { size: 20 }), weight: 20_000n })),
);
/** Blocks attested by the members in turn, four in a word, and as many proposed as one cannot have. */
const wordsOf = (attested: readonly bigint[]): readonly bigint[] =>
  [attested.slice(0, 4), attested.slice(4)].map((part) =>
    part.reduce((word, count, i) => word | (((count << 32n) | 0xffff_ffffn) << (64n * BigInt(i))), 0n),
  );

function arrived(blockNumber: bigint, epoch: bigint, blocks: bigint, attested: readonly bigint[]): L1Log {
  const topics = encodeEventTopics({ abi: emissionReserveAbi, eventName: "AttendanceReceived", args: { epoch } });
  const data = encodeAbiParameters([{ type: "uint64" }, { type: "uint256[]" }], [blocks, wordsOf(attested)]);
  const place = { blockNumber, blockHash: zeroHash, transactionHash: zeroHash, logIndex: 0 };
  return { address: zeroAddress, topics: topics as Hash[], data, ...place };
}

function setUp(logs: readonly L1Log[]) {
  const store = new MemoryStore();
  const asked: L1LogFilter[] = [];
  const watcher = { view: { finalized: { number: 10n } } };
  const open = () =>
    new AbsenceWitness({
      emissionReserve: zeroAddress,
      sets: { of: async () => set },
      l1: {
        logs: async (filter) => {
          asked.push(filter);
          return logs.filter(({ blockNumber }) => blockNumber >= filter.from && blockNumber <= filter.to);
        },
      },
      watcher: watcher as never,
      store,
    });
  return { open, asked, watcher };
}

const reported = (data: Hex) => {
  const { args } = decodeFunctionData({ abi: slashingManagerAbi, data });
  const [{ epoch }, index] = args as readonly [{ readonly epoch: bigint }, bigint];
  return { epoch, index };
};

suite("a witness of absences", () => {
  test("reads a member's count out of the words", () => {
    const words = wordsOf([1n, 2n, 3n, 4n, 5n, 6n]);
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 9].map((index) => attestedBy(words, index)),
      [1n, 2n, 3n, 4n, 5n, 6n, 0n, 0n],
    );
  });

  test("accuses who attested fewer than half of the blocks, once L1 does not take the attendance back", async () => {
    const { open, watcher } = setUp([arrived(12n, 3n, 100n, [100n, 49n, 50n, 100n, 0n, 51n])]);
    const witness = open();
    assert.deepEqual(await witness.accusations(), []);
    watcher.view.finalized.number = 11n;
    assert.deepEqual(await witness.accusations(), []);
    watcher.view.finalized.number = 12n;
    const found = await witness.accusations();
    assert.deepEqual(
      found.map(({ signer, data }) => Object.assign({ signer }, reported(data))),
      [
        { signer: set.members[1]!.signer, epoch: 3n, index: 1n },
        { signer: set.members[4]!.signer, epoch: 3n, index: 4n },
      ],
    );
  });

  test("accuses nobody of an epoch in which nothing was counted", async () => {
    const { open, watcher } = setUp([arrived(12n, 3n, 0n, [0n, 0n, 0n, 0n, 0n, 0n])]);
    const witness = open();
    await witness.accusations();
    watcher.view.finalized.number = 20n;
    assert.deepEqual(await witness.accusations(), []);
  });

  test("goes on where it was after a restart, and keeps what it found", async () => {
    const { open, watcher, asked } = setUp([arrived(12n, 3n, 100n, [0n, 100n, 100n, 100n, 100n, 100n])]);
    await open().accusations();
    watcher.view.finalized.number = 15n;
    assert.equal((await open().accusations()).length, 1);
    watcher.view.finalized.number = 17n;
    assert.equal((await open().accusations()).length, 1);
    assert.deepEqual(
      asked.map(({ from, to }) => [from, to]),
      [
        [11n, 15n],
        [16n, 17n],
      ],
    );
  });
});
