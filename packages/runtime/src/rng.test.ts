import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRng, systemRng } from "./rng.ts";

test("a seed decides the whole sequence", () => {
  const sequence = (seed: number): number[] => {
    const rng = seededRng(seed);
    return Array.from({ length: 50 }, () => rng.below(1_000_000));
  };
  assert.deepEqual(sequence(7), sequence(7));
  assert.notDeepEqual(sequence(7), sequence(8));
});

for (const [name, rng] of [
  ["system", systemRng()],
  ["seeded", seededRng(1)],
] as const) {
  test(`${name}: below reaches every value under the bound and no other`, () => {
    const seen = new Set(Array.from({ length: 2000 }, () => rng.below(6)));
    assert.deepEqual(
      [...seen].toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4, 5],
    );
    for (const bound of [0, -1, 1.5, 2 ** 33]) assert.throws(() => rng.below(bound), RangeError);
  });

  test(`${name}: bytes has the length asked for and is not constant`, () => {
    const bytes = rng.bytes(64);
    assert.equal(bytes.length, 64);
    assert.ok(new Set(bytes).size > 8);
  });
}
