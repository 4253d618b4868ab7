import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { Hex } from "viem";
import { decodeAttendance, encodeAttendance, letsTurnsPass, maxAttendanceRuns, memberCount } from "./attendance.ts";
import type { AttendanceRun } from "./attendance.ts";
import { maxAttendance } from "./blockInputs.ts";

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const byte = fc.integer({ min: 0, max: 255 });
const attendance = fc.record(
  {
    epoch: uint64,
    runs: fc.array(
      fc.record({ firstBlock: uint64, blocks: byte, proposer: byte, attested: uint64 }, { noNullPrototype: true }),
      {
        minLength: 1,
        maxLength: maxAttendanceRuns,
      },
    ),
  },
  { noNullPrototype: true },
);

test("what is encoded is decoded, and fits a block's inputs", () => {
  fc.assert(
    fc.property(attendance, (value) => {
      const bytes = encodeAttendance(value);
      assert.ok((bytes.length - 2) / 2 <= maxAttendance);
      assert.deepEqual(decodeAttendance(bytes), value);
    }),
  );
});

test("bytes are one attendance at most, and one has one form", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const hex: Hex = `0x${Buffer.from(bytes).toString("hex")}`;
      const decoded = decodeAttendance(hex);
      if (decoded !== undefined) assert.equal(encodeAttendance(decoded), hex);
    }),
  );
});

test("the bytes are those of the specification", () => {
  const run = { firstBlock: 300n, blocks: 10, proposer: 2, attested: 7n };
  assert.equal(
    encodeAttendance({ epoch: 5n, runs: [run] }),
    "0x010000000000000005000000000000012c0a020000000000000007",
  );
});

test("too few or too many runs, and numbers that do not fit, are refused", () => {
  const run = { firstBlock: 0n, blocks: 1, proposer: 0, attested: 0n };
  for (const runs of [[], [run, run, run, run], [{ ...run, blocks: 256 }]])
    assert.throws(() => encodeAttendance({ epoch: 0n, runs }), Error);
});

interface AttendanceVector {
  readonly name: string;
  readonly input: { readonly epoch: string; readonly runs: readonly Readonly<Record<keyof AttendanceRun, string>>[] };
  readonly output: { readonly bytes: Hex; readonly blocks: string; readonly words: readonly string[] };
}

const path = new URL("../../../docs/spec/vectors/attendance.json", import.meta.url);
for (const { name, input, output } of JSON.parse(readFileSync(path, "utf8")) as AttendanceVector[])
  test(`attendance: ${name}`, () => {
    const runs = input.runs.map(({ firstBlock, blocks, proposer, attested }) => ({
      firstBlock: BigInt(firstBlock),
      blocks: Number(blocks),
      proposer: Number(proposer),
      attested: BigInt(attested),
    }));
    const given = { epoch: BigInt(input.epoch), runs };
    assert.equal(encodeAttendance(given), output.bytes);
    assert.deepEqual(decodeAttendance(output.bytes), given);
    const words = output.words.map(BigInt);
    for (let member = 0; member < 64; member++) {
      const sum = (is: (run: AttendanceRun) => boolean) =>
        runs.reduce((all, run) => all + (is(run) ? BigInt(run.blocks) : 0n), 0n);
      assert.deepEqual(memberCount(words, member), {
        proposed: sum(({ proposer }) => proposer === member),
        attested: sum(({ attested }) => ((attested >> BigInt(member)) & 1n) === 1n),
      });
    }
    assert.equal(
      BigInt(output.blocks),
      runs.reduce((all, { blocks }) => all + BigInt(blocks), 0n),
    );
  });

interface TurnsVector {
  readonly name: string;
  readonly input: {
    readonly attested: string;
    readonly weight: string;
    readonly totalWeight: string;
    readonly term: string;
  };
  readonly output: { readonly letsTurnsPass: boolean };
}

const turnsPath = new URL("../../../docs/spec/vectors/noProposal.json", import.meta.url);
for (const { name, input, output } of JSON.parse(readFileSync(turnsPath, "utf8")) as readonly TurnsVector[])
  test(`no block of its own: ${name}`, () => {
    const { attested, weight, totalWeight, term } = input;
    const passes = letsTurnsPass(BigInt(attested), BigInt(weight), BigInt(totalWeight), Number(term));
    assert.equal(passes, output.letsTurnsPass);
  });
