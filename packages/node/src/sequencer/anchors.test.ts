import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { furthestAnchor } from "./anchors.ts";

const config = { maxAnchorStep: 4, depositGasLimit: 100n };
const headers = Array.from({ length: 10 }, (_, index) => ({ number: BigInt(index + 1) }));
const deposit = (l1BlockNumber: bigint, gasLimit: bigint) => ({ l1BlockNumber, gasLimit });

test("an anchor moves at most maxAnchorStep blocks, and not at all when none is usable", () => {
  assert.equal(furthestAnchor(config, headers, []), 3);
  assert.equal(furthestAnchor(config, headers.slice(0, 2), []), 1);
  assert.equal(furthestAnchor(config, [], []), -1);
});

test("it stops before the L1 block whose deposits no longer fit", () => {
  assert.equal(furthestAnchor(config, headers, [deposit(1n, 60n), deposit(3n, 50n)]), 1);
});

test("the deposits of the first L1 block always fit", () => {
  assert.equal(furthestAnchor(config, headers, [deposit(1n, 500n)]), 0);
});

test("what it takes is within the bounds, and one block more would not be", () => {
  const deposits = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 80 })), { maxLength: 12 })
    .map((list) => list.toSorted((a, b) => a[0] - b[0]).map(([number, gas]) => deposit(BigInt(number), BigInt(gas))));
  fc.assert(
    fc.property(deposits, (queue) => {
      const gasUpTo = (position: number): bigint =>
        queue
          .filter((entry) => entry.l1BlockNumber <= headers[position]!.number)
          .reduce((sum, d) => sum + d.gasLimit, 0n);
      const position = furthestAnchor(config, headers, queue);
      assert.ok(position >= 0 && position < config.maxAnchorStep);
      if (position > 0) assert.ok(gasUpTo(position) <= config.depositGasLimit);
      if (position < config.maxAnchorStep - 1) assert.ok(gasUpTo(position + 1) > config.depositGasLimit);
    }),
  );
});
