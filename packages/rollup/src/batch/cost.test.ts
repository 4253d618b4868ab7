import assert from "node:assert/strict";
import { test } from "node:test";
import { DataMode } from "@metis/protocol";
import { batchCost, cheaperMode, maxCalldataPayload } from "./cost.ts";

const gwei = 10n ** 9n;
const shape = (payloadSize: number) => ({ payloadSize, members: 4, signatures: 3 });
const prices = { baseFee: 10n * gwei, priorityFee: gwei, blobBaseFee: 1n };

test("cheap blobs win, but for the smallest payloads when blobs are dear", () => {
  assert.equal(cheaperMode(shape(50_000), prices), DataMode.blobs);
  assert.equal(cheaperMode(shape(200), { ...prices, blobBaseFee: 100n * gwei }), DataMode.calldata);
});

test("a saving below a twentieth does not make a batch blobs", () => {
  assert.equal(cheaperMode(shape(100), prices), DataMode.calldata);
  assert.ok(batchCost(DataMode.blobs, shape(100), prices) < batchCost(DataMode.calldata, shape(100), prices));
});

test("what calldata cannot hold goes as blobs at any price", () => {
  const dear = { ...prices, blobBaseFee: 10n ** 18n };
  assert.equal(cheaperMode(shape(maxCalldataPayload), dear), DataMode.calldata);
  assert.equal(cheaperMode(shape(maxCalldataPayload + 1), dear), DataMode.blobs);
});

test("a longer payload never costs less", () => {
  for (const mode of [DataMode.calldata, DataMode.blobs] as const) {
    const costs = [1, 1_000, 100_000, 120_000].map((size) => batchCost(mode, shape(size), prices));
    assert.deepEqual(
      costs,
      costs.toSorted((a, b) => (a < b ? -1 : 1)),
    );
  }
});
