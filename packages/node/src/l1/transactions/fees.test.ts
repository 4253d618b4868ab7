import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bumpedOffer, firstOffer } from "./fees.ts";
import { NonceWatch } from "./nonceWatch.ts";

const wei = fc.bigInt({ min: 0n, max: 10n ** 15n });
const prices = fc.record({ baseFee: wei, priorityFee: fc.bigInt({ min: 1n, max: 10n ** 12n }), blobBaseFee: wei });

test("a replacement is taken by every pool: 10 % more of each fee, with blobs 100 %", () => {
  fc.assert(
    fc.property(prices, prices, fc.boolean(), (then, now, withBlobs) => {
      const before = firstOffer(then, withBlobs);
      const after = bumpedOffer(before, now);
      const [times, by] = withBlobs ? [200n, 100n] : [110n, 100n];
      for (const name of ["maxFeePerGas", "maxPriorityFeePerGas"] as const)
        assert.ok(after[name] * by >= before[name] * times, name);
      if (withBlobs) assert.ok(after.maxFeePerBlobGas >= 2n * before.maxFeePerBlobGas);
      else assert.equal(after.maxFeePerBlobGas, 0n);
    }),
  );
});

test("an offer covers a doubling of the base fee, and of the blob base fee twice", () => {
  const offer = firstOffer({ baseFee: 10n, priorityFee: 3n, blobBaseFee: 7n }, true);
  assert.deepEqual(offer, { maxFeePerGas: 23n, maxPriorityFeePerGas: 3n, maxFeePerBlobGas: 28n });
});

test("a replacement is never below what L1 asks for now", () => {
  const cheap = firstOffer({ baseFee: 1n, priorityFee: 1n, blobBaseFee: 1n }, true);
  const dear = { baseFee: 10n ** 9n, priorityFee: 10n ** 8n, blobBaseFee: 10n ** 9n };
  const after = bumpedOffer(cheap, dear);
  assert.ok(after.maxFeePerGas >= dear.baseFee + dear.priorityFee && after.maxFeePerBlobGas >= dear.blobBaseFee);
});

test("a nonce counts as taken, or as unreachable, only when L1 says so again and again", () => {
  for (const [next, verdict] of [
    [8, "taken"],
    [6, "gap"],
  ] as const) {
    const watch = new NonceWatch();
    for (let looks = 0; looks < 20; looks++) assert.equal(watch.look(7, next), "open");
    assert.equal(watch.look(7, next), verdict);
    assert.equal(watch.look(7, 7), "open");
    assert.equal(watch.look(7, next), "open");
  }
});
