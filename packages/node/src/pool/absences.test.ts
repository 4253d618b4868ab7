import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createSet } from "@metis/committee";
import type { SequencerSet } from "@metis/committee";
import { emissionReserveAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { MemoryStore } from "@metis/runtime";
import { decodeFunctionData, encodeAbiParameters, encodeEventTopics, numberToHex, zeroAddress, zeroHash } from "viem";
import type { Hash, Hex } from "viem";
import type { L1Log, L1LogFilter } from "../l1/client.ts";
import { AbsenceWitness } from "./absences.ts";

const set = createSet(
  Array.from({ length: 6 }, (_, i) => ({ signer: numberToHex(0x10 + i, { size: 20 }), weight: 20_000n })),
);
/** Blocks attested by the members in turn, four in a word, and as many proposed as one cannot have, but none by `idle`. */
const wordsOf = (attested: readonly bigint[], idle: readonly number[] = []): readonly bigint[] =>
  [attested.slice(0, 4), attested.slice(4)].map((part, word) =>
    part.reduce((sum, count, i) => {
      const proposed = idle.includes(word * 4 + i) ? 0n : 0xffff_ffffn;
      return sum | (((count << 32n) | proposed) << (64n * BigInt(i)));
    }, 0n),
  );

function arrived(
  blockNumber: bigint,
  epoch: bigint,
  blocks: bigint,
  attested: readonly bigint[],
  idle: readonly number[] = [],
): L1Log {
  const topics = encodeEventTopics({ abi: emissionReserveAbi, eventName: "AttendanceReceived", args: { epoch } });
  const data = encodeAbiParameters([{ type: "uint64" }, { type: "uint256[]" }], [blocks, wordsOf(attested, idle)]);
  const place = { blockNumber, blockHash: zeroHash, transactionHash: zeroHash, logIndex: 0 };
  return { address: zeroAddress, topics: topics as Hash[], data, ...place };
}

function setUp(logs: readonly L1Log[], setOf: (epoch: bigint) => SequencerSet = () => set) {
  const store = new MemoryStore();
  const asked: L1LogFilter[] = [];
  const watcher = { view: { finalized: { number: 10n } } };
  const open = () =>
    new AbsenceWitness({
      config: { term: 10 },
      emissionReserve: zeroAddress,
      sets: { of: async (epoch) => setOf(epoch) },
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

/** Six members of equal weight with terms of ten blocks: 720 blocks are twelve terms of each. */
suite("a witness of those who attest and never lead", () => {
  const everybody = (blocks: bigint): readonly bigint[] => set.members.map(() => blocks);
  /** Attendances of epochs from 3 on, each attested by all, in L1 blocks from 12 on. */
  const idleIn = (blocks: readonly bigint[], idle: readonly number[]): readonly L1Log[] =>
    blocks.map((count, i) => arrived(12n + BigInt(i), 3n + BigInt(i), count, everybody(count), idle));

  async function accusedBy(logs: readonly L1Log[], setOf?: (epoch: bigint) => SequencerSet) {
    const { open, watcher } = setUp(logs, setOf);
    await open().accusations();
    for (const { blockNumber } of logs) {
      watcher.view.finalized.number = blockNumber;
      await open().accusations();
    }
    return (await open().accusations()).map(({ signer, data }) => {
      const { functionName, args } = decodeFunctionData({ abi: slashingManagerAbi, data });
      assert.ok(functionName === "reportNoProposal");
      const [firstEpoch, members, counts, index] = args;
      assert.deepEqual(members, set.members);
      return { signer, firstEpoch, blocks: counts.map(({ blocks }) => blocks), index };
    });
  }

  const second = set.members[1]!.signer;

  test("accuses a member once its share of what it attested is twelve terms, by the fewest epochs", async () => {
    assert.deepEqual(await accusedBy(idleIn([360n, 359n], [1])), []);
    assert.deepEqual(await accusedBy(idleIn([100n, 360n, 360n], [1])), [
      { signer: second, firstEpoch: 4n, blocks: [360n, 360n], index: 1n },
    ]);
  });

  test("accuses nobody twice of an epoch", async () => {
    assert.deepEqual(await accusedBy(idleIn([720n, 360n, 360n, 360n], [1])), [
      { signer: second, firstEpoch: 3n, blocks: [720n], index: 1n },
      { signer: second, firstEpoch: 4n, blocks: [360n, 360n], index: 1n },
    ]);
  });

  test("begins anew after a block of the member, and after an epoch that did not arrive", async () => {
    const [first, ...later] = idleIn([700n, 700n], [1]);
    assert.deepEqual(await accusedBy([first!, arrived(13n, 4n, 700n, everybody(700n)), ...idleIn([700n], [1])]), []);
    assert.deepEqual(await accusedBy([first!, arrived(14n, 5n, 700n, everybody(700n), [1])]), []);
    assert.equal((await accusedBy([first!, ...later])).length, 1);
  });

  test("begins anew when the set changes", async () => {
    const other = createSet(set.members.map(({ signer }) => ({ signer, weight: 30_000n })));
    const logs = idleIn([700n, 700n], [1]);
    assert.deepEqual(await accusedBy(logs, (epoch) => (epoch === 3n ? other : set)), []);
  });

  test("takes an epoch of which a member missed more than half for that alone", async () => {
    const absent = arrived(13n, 4n, 1500n, everybody(1500n).with(1, 700n), [1]);
    const { open, watcher } = setUp([...idleIn([100n], [1]), absent, arrived(14n, 5n, 100n, everybody(100n), [1])]);
    await open().accusations();
    watcher.view.finalized.number = 20n;
    const found = await open().accusations();
    assert.deepEqual(
      found.map(({ data }) => decodeFunctionData({ abi: slashingManagerAbi, data }).functionName),
      ["reportAbsence"],
    );
  });
});
