import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { serializeTransaction, type TransactionSerializable } from "viem";
import { fromHex, toHex } from "../bytes.ts";
import { hexList } from "./raw.ts";
import { recipientsOf } from "./recipients.ts";

const to = "0x00000000000000000000000000000000000000aa";
const signature = { r: "0x1", s: "0x2", v: 27n, yParity: 0 } as const;
const dynamic = {
  to,
  chainId: 1,
  maxFeePerGas: 1n,
  maxPriorityFeePerGas: 1n,
  gas: 21_000n,
  nonce: 7,
  value: 5n,
} as const;
const kinds: readonly TransactionSerializable[] = [
  { type: "legacy", to, gasPrice: 1n, gas: 21_000n, nonce: 7, value: 5n, chainId: 1 },
  { type: "eip2930", to, chainId: 1, gasPrice: 1n, gas: 21_000n, accessList: [{ address: to, storageKeys: [] }] },
  { type: "eip1559", ...dynamic, data: "0x1234" },
  { type: "eip4844", ...dynamic, blobVersionedHashes: [`0x01${"00".repeat(31)}`], maxFeePerBlobGas: 1n },
  { type: "eip7702", ...dynamic, authorizationList: [] },
];

test("the recipient of a transaction of every type is found, and a creation has none", () => {
  for (const kind of kinds) {
    const raw = serializeTransaction(kind, signature);
    assert.deepEqual(recipientsOf(hexList([raw])).map(toHex), [to], kind.type);
  }
  const creation = serializeTransaction({ ...dynamic, type: "eip1559", to: null, data: "0x00" }, signature);
  const transfer = serializeTransaction(kinds[0]!, signature);
  assert.deepEqual(recipientsOf(hexList([creation, transfer])).map(toHex), [to]);
});

test("bytes that are no transaction have no recipient and break nothing", () => {
  const some = fc.array(fc.uint8Array({ minLength: 1, maxLength: 80 }), { maxLength: 8 });
  fc.assert(
    fc.property(some, (transactions) => {
      for (const recipient of recipientsOf(hexList(transactions.map(toHex)))) assert.equal(recipient.length, 20);
    }),
  );
  const cut = fromHex(serializeTransaction(kinds[2]!, signature)).subarray(0, 40);
  assert.ok(recipientsOf(hexList([toHex(cut)])).length <= 1);
});
