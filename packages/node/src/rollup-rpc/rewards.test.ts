import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createSet } from "@metis/committee";
import fc from "fast-check";
import { numberToHex } from "viem";
import { recordOf } from "./rewards.ts";

const signer = (index: number) => numberToHex(index + 1, { size: 20 });
const setOf = (...weights: readonly bigint[]) =>
  createSet(weights.map((weight, index) => ({ signer: signer(index), weight })));
const counted = (blocks: bigint, ...members: readonly (readonly [proposed: bigint, attested: bigint])[]) => ({
  blocks,
  isReported: false,
  words: Array.from({ length: Math.ceil(members.length / 4) }, (_, i) =>
    members
      .slice(4 * i, 4 * i + 4)
      .reduceRight((word, [proposed, attested]) => (word << 64n) | (attested << 32n) | proposed, 0n),
  ),
});
const terms = { rate: 2_000n, proposerShare: 5_000n, feeProposerShare: 4_000n };
const none = { fees: 0n, l1Fees: 0n };

test("who proposes its share and attests everything earns the rate, who is away for more than half nothing", () => {
  const set = setOf(10n, 10n, 10n, 10n);
  const epoch = { set, counts: counted(100n, [25n, 100n], [75n, 100n], [0n, 50n], [0n, 49n]), revenue: none };
  const record = (index: number) => recordOf(signer(index), [epoch], terms);
  assert.deepEqual(record(0), { blocks: 100n, proposed: 25n, attested: 100n, uptime: 100, apr: 20, fees: 0n });
  assert.deepEqual([record(1).apr, record(2).apr, record(3).apr], [40, 5, 0]);
  assert.deepEqual([record(2).uptime, record(3).uptime], [50, 49]);
});

test("leaders share the fees by blocks, the committee by blocks and weight, who is away for more than half has no part", () => {
  const set = setOf(25n, 25n, 25n, 25n);
  const counts = counted(100n, [40n, 100n], [60n, 100n], [0n, 50n], [0n, 49n]);
  const epoch = { set, counts, revenue: { fees: 1_000n, l1Fees: 7n } };
  const fees = [0, 1, 2, 3].map((index) => recordOf(signer(index), [epoch, epoch], terms).fees);
  assert.deepEqual(fees, [620n, 780n, 150n, 0n]);
});

interface FeeSharesVector {
  readonly name: string;
  readonly input: {
    readonly fees: string;
    readonly feeProposerShare: string;
    readonly blocks: string;
    readonly members: readonly Readonly<Record<"weight" | "proposed" | "attested", string>>[];
  };
  readonly output: { readonly shares: readonly string[] };
}

const vectors = new URL("../../../../docs/spec/vectors/feeShares.json", import.meta.url);
for (const { name, input, output } of JSON.parse(readFileSync(vectors, "utf8")) as FeeSharesVector[])
  test(`feeShares: ${name}`, () => {
    const set = setOf(...input.members.map(({ weight }) => BigInt(weight)));
    const did = input.members.map(({ proposed, attested }) => [BigInt(proposed), BigInt(attested)] as const);
    const revenue = { fees: BigInt(input.fees), l1Fees: 0n };
    const epoch = { set, counts: counted(BigInt(input.blocks), ...did), revenue };
    const given = { ...terms, feeProposerShare: BigInt(input.feeProposerShare) };
    const shares = input.members.map((_, index) => String(recordOf(signer(index), [epoch], given).fees));
    assert.deepEqual(shares, output.shares);
  });

test("epochs in which a seat was not, or nothing was counted, say nothing of it", () => {
  const epochs = [
    { set: setOf(10n), counts: counted(10n, [10n, 10n]), revenue: none },
    { set: setOf(10n, 30n), counts: counted(0n), revenue: none },
    { set: setOf(10n, 30n), counts: counted(40n, [10n, 40n], [30n, 40n]), revenue: none },
  ];
  assert.deepEqual(recordOf(signer(1), epochs, terms), {
    blocks: 40n,
    proposed: 30n,
    attested: 40n,
    uptime: 100,
    apr: 20,
    fees: 0n,
  });
  assert.deepEqual(recordOf(signer(2), epochs, terms), {
    blocks: 0n,
    proposed: 0n,
    attested: 0n,
    uptime: null,
    apr: null,
    fees: 0n,
  });
});

test("all members together earn the rate at most", () => {
  const weights = fc.array(fc.bigInt(1n, 10n ** 23n), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(weights, fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { minLength: 4, maxLength: 4 }), (given, did) => {
      const set = setOf(...given);
      let left = 100n;
      const members = given.map((_, index) => {
        const proposed = BigInt(did[index]![0]) < left ? BigInt(did[index]![0]) : left;
        left -= proposed;
        return [proposed, BigInt(did[index]![1])] as const;
      });
      const epoch = { set, counts: counted(100n, ...members), revenue: none };
      const earned = given.reduce(
        (sum, weight, index) => sum + Number(weight) * recordOf(signer(index), [epoch], terms).apr!,
        0,
      );
      assert.ok(earned <= 20.000_001 * Number(set.totalWeight));
    }),
  );
});
