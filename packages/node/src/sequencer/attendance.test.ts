import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createSet } from "@metis/committee";
import type { BlockView } from "@metis/mvm";
import { BlockFlag, decodeAttendance, encodeAttendance, zeroAddress, zeroHash } from "@metis/protocol";
import type { Attendance, BlockInputs } from "@metis/protocol";
import fc from "fast-check";
import { keccak256, numberToHex, toHex } from "viem";
import type { Address } from "viem";
import { AttendanceBook, countedBack } from "./attendance.ts";

const set = createSet([1, 2, 3, 4].map((i) => ({ signer: numberToHex(i, { size: 20 }), weight: 10n })));
const members = set.members.map(({ signer }) => signer);
const config = { genesisAnchorNumber: 100n, epochLength: 10 };

interface Told {
  readonly by?: number | "nobody";
  readonly anchor?: bigint;
  readonly ends?: boolean;
  /** Members whose attestations are known; all unless given. */
  readonly attested?: readonly number[];
}

/** A chain of blocks 1, 2, ... as told, of which those below `counted` are counted. */
function bookOf(blocks: readonly Told[], counted = 1n): AttendanceBook {
  const inputs = blocks.map(({ by = 0, anchor = 100n, ends = false }, i): BlockInputs => ({
    number: BigInt(i + 1),
    time: BigInt(i),
    generation: 0,
    flags: ends ? BlockFlag.batchEnd : 0,
    proposer: by === "nobody" ? zeroAddress : members[by]!,
    anchorNumber: anchor,
    anchorHash: zeroHash,
    depositStart: 0n,
    depositEnd: 0n,
    rate: 0n,
    attendance: "0x",
    transactions: [],
  }));
  const block = (number: bigint) => {
    const its = inputs[Number(number) - 1];
    return its || number === 0n ? ({ number, hash: keccak256(toHex(number)), inputs: its } as BlockView) : undefined;
  };
  return new AttendanceBook({
    config,
    reader: {
      block: async (id) => block(id as bigint),
      storage: async () => numberToHex(counted, { size: 32 }),
    },
    sets: { of: async () => set },
    attestersOf: (number) => (blocks[Number(number) - 1]?.attested ?? [0, 1, 2, 3]).map((i): Address => members[i]!),
  });
}

const many = (count: number, told: Told = {}): Told[] => Array.from({ length: count }, () => told);
const taken = async (blocks: readonly Told[], more: { anchor?: bigint; counted?: bigint } = {}) => {
  const carrier = { number: BigInt(blocks.length + 1), anchorNumber: more.anchor ?? 101n };
  const book = bookOf(blocks, more.counted);
  const attendance = await book.take(carrier);
  assert.equal(await book.brokenRule({ ...carrier, attendance }), undefined, "members vote for what members bring");
  return decodeAttendance(attendance);
};

suite("the attendance that a proposer brings", () => {
  test("is the next runs of blocks, oldest first, without the one that is still being attested", async () => {
    const blocks = [...many(3, { by: 1 }), ...many(2, { by: 0, attested: [0, 1, 3] }), ...many(4, { by: 2 })];
    assert.deepEqual(await taken(blocks, { counted: 2n }), {
      epoch: 0n,
      runs: [
        { firstBlock: 2n, blocks: 2, proposer: 1, attested: 15n },
        { firstBlock: 4n, blocks: 2, proposer: 0, attested: 11n },
        { firstBlock: 6n, blocks: 3, proposer: 2, attested: 15n },
      ],
    });
    assert.equal(await taken(many(1)), undefined);
    assert.equal(await taken([]), undefined);
  });

  test("has at most three runs of 255 blocks of the last 256", async () => {
    const line = await taken(many(400));
    assert.deepEqual(
      line?.runs.map(({ firstBlock, blocks }) => [firstBlock, blocks]),
      [[401n - countedBack, 255]],
    );
    const turns = await taken([0, 1, 2, 3, 0, 1].map((by) => ({ by })));
    assert.equal(turns?.runs.length, 3);
  });

  test("ends a run at the last block of which more than two thirds are known", async () => {
    const silent = { attested: [0, 1] };
    const line = await taken([...many(2), silent, {}, silent, {}]);
    assert.deepEqual(line?.runs, [{ firstBlock: 1n, blocks: 4, proposer: 0, attested: 15n }]);
  });

  test("counts blocks whose attestations nobody knows by those of the next that is known", async () => {
    const line = await taken([...many(2, { by: 3, attested: [] }), { by: 1, attested: [0, 1, 2] }, {}]);
    assert.deepEqual(line?.runs, [
      { firstBlock: 1n, blocks: 2, proposer: 3, attested: 7n },
      { firstBlock: 3n, blocks: 1, proposer: 1, attested: 7n },
    ]);
    assert.equal(await taken(many(5, { attested: [0, 1] })), undefined);
  });

  test("leaves out blocks that no member proposed", async () => {
    const line = await taken([{ by: "nobody" }, {}, { by: "nobody" }, {}, {}, {}]);
    assert.deepEqual(
      line?.runs.map(({ firstBlock, blocks }) => [firstBlock, blocks]),
      [
        [2n, 1],
        [4n, 2],
      ],
    );
  });

  test("is of one epoch, that of the batch of its blocks, and of the anchor's or the one before", async () => {
    const blocks = [
      ...many(3),
      { anchor: 110n, ends: true },
      ...many(3, { anchor: 111n }),
      { anchor: 125n, ends: true },
      {},
    ];
    const epochs = [0n, 0n, 1n];
    for (const [i, anchor] of [109n, 119n, 120n].entries()) {
      const line = await taken(blocks, { anchor });
      assert.equal(line?.epoch, epochs[i]);
      assert.deepEqual(
        line?.runs.map(({ firstBlock, blocks: count }) => [firstBlock, count]),
        [anchor === 120n ? [5n, 4] : [1n, 4]],
      );
    }
    assert.equal(await taken(blocks.slice(0, 7), { anchor: 140n }), undefined);
  });
});

suite("a member's vote on an attendance", () => {
  const blocks = [...many(3, { by: 1 }), ...many(3, { by: 0 })];
  const carrier = { number: 7n, anchorNumber: 101n };
  const run = { firstBlock: 1n, blocks: 3, proposer: 1, attested: 7n };
  const broken = (given: Partial<Attendance>) =>
    bookOf(blocks).brokenRule({ ...carrier, attendance: encodeAttendance({ epoch: 0n, runs: [run], ...given }) });

  test("does not ask for the attestations that this member happens to know", async () => {
    const deaf = many(6, { attested: [] });
    const attendance = encodeAttendance({ epoch: 0n, runs: [{ ...run, proposer: 0 }] });
    assert.equal(await bookOf(deaf).brokenRule({ ...carrier, attendance }), undefined);
    assert.equal(await broken({}), undefined);
    assert.equal(await bookOf(blocks).brokenRule({ ...carrier, attendance: "0x" }), undefined);
  });

  for (const [name, given, why] of [
    ["another epoch", { epoch: 1n }, /another epoch/],
    ["a first block that leaves some out", { runs: [{ ...run, firstBlock: 2n }] }, /next blocks/],
    ["a run over two proposers", { runs: [{ ...run, blocks: 4 }] }, /next blocks/],
    ["another proposer", { runs: [{ ...run, proposer: 0 }] }, /next blocks/],
    ["nobody as the proposer", { runs: [{ ...run, proposer: 255 }] }, /next blocks/],
    ["no blocks", { runs: [{ ...run, blocks: 0 }] }, /next blocks/],
    [
      "blocks that are not there yet",
      { runs: [run, { ...run, firstBlock: 4n, blocks: 4, proposer: 0 }] },
      /next blocks/,
    ],
    [
      "a gap between runs",
      {
        runs: [
          { ...run, blocks: 2 },
          { ...run, firstBlock: 4n, proposer: 0 },
        ],
      },
      /next blocks/,
    ],
    ["two thirds of the weight at most", { runs: [{ ...run, attested: 3n }] }, /two thirds/],
    ["members that the set does not have", { runs: [{ ...run, attested: 23n }] }, /two thirds/],
  ] as const)
    test(`refuses ${name}`, async () => assert.match((await broken(given)) ?? "", why));

  test("refuses bytes that are no attendance", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
        const why = await bookOf(blocks).brokenRule({ ...carrier, attendance: toHex(bytes) });
        assert.ok(why !== undefined || decodeAttendance(toHex(bytes)) !== undefined);
      }),
    );
  });
});
