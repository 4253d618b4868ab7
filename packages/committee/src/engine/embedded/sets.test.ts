import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chooseSet } from "@metis/protocol";
import fc from "fast-check";
import { numberToHex } from "viem";
import { coreWeights } from "./sets.ts";

const metis = 10n ** 18n;
const rules = { maxLock: 100_000n * metis, ejectionBelow: 18_000n * metis, maxSeats: 64 };
const setOf = (stakes: readonly { readonly own: bigint; readonly delegated: bigint }[]) =>
  chooseSet(
    stakes.map((stake, index) => {
      const signer = numberToHex(index + 1, { size: 20 });
      return { seqId: BigInt(index + 1), signer, jailed: false, own: stake.own, delegated: stake.delegated };
    }),
    rules,
  );
const holdsNoThird = (weights: readonly { readonly weight: number }[]): boolean => {
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  return weights.every(({ weight }) => 3n * BigInt(weight) < BigInt(total));
};

suite("weights for the core", () => {
  test("the silence of a seat that is capped stops no pool of four", () => {
    const twenty = { own: 20_000n * metis, delegated: 0n };
    const weights = coreWeights(setOf([twenty, twenty, twenty, { own: 20_000n * metis, delegated: 10_000n * metis }]));
    assert.ok(holdsNoThird(weights));
  });

  test("nor that of any seat of any set that L1 freezes", () => {
    const wei = (from: bigint, to: bigint) => fc.bigInt(from * metis, to * metis);
    const stake = fc.record({ own: wei(20_000n, 100_000n), delegated: wei(0n, 80_000n) });
    fc.assert(
      fc.property(fc.array(stake, { minLength: 4, maxLength: 16 }), (stakes) => {
        const members = setOf(stakes);
        const weights = coreWeights(members);
        assert.ok(holdsNoThird(weights));
        assert.deepEqual(
          weights.map(({ address }) => address),
          members.map(({ signer }) => signer),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test("a set in which somebody holds a third stays as it is", () => {
    const members = [4n, 1n, 1n, 1n].map((weight, index) => {
      return { signer: numberToHex(index + 1, { size: 20 }), weight };
    });
    assert.deepEqual(
      coreWeights(members).map(({ weight }) => weight),
      [4, 1, 1, 1],
    );
  });
});
