import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@metis/protocol";
import fc from "fast-check";
import { bytesToHex } from "viem";
import type { Hex } from "viem";
import { decodeReceiptMessage, encodeReceiptMessage } from "./messages.ts";
import type { ReceiptMessage } from "./messages.ts";

const hex = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => bytesToHex(value));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const unchecked = fc.record({
  receipt: fc.record({
    generation: fc.nat({ max: 0xffff_ffff }),
    transactionHash: hex(32),
    sequence: uint64,
    firstBlock: uint64,
    lastBlock: uint64,
  }),
  signature: hex(65),
});
const message: fc.Arbitrary<ReceiptMessage> = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), id: uint64, raw: fc.uint8Array().map((raw) => bytesToHex(raw)) }),
  fc
    .tuple(uint64, unchecked)
    .map(([id, { receipt, signature }]) => ({ kind: "receipt" as const, id, receipt, signature })),
  fc.record({ kind: fc.constant("refusal" as const), id: uint64, code: fc.constantFrom("has-to-wait", "pool-full") }),
  fc.record({ kind: fc.constant("given" as const), receipts: fc.array(unchecked, { maxLength: 4 }) }),
);

const asPlain = (sent: ReceiptMessage): ReceiptMessage => structuredClone(sent);

test("every message comes back as it was", () => {
  fc.assert(
    fc.property(message, (sent) => assert.deepEqual(decodeReceiptMessage(encodeReceiptMessage(sent)), asPlain(sent))),
  );
});

test("any bytes are a message in its only form, or a DecodeError", () => {
  const mutated = fc.tuple(message, fc.nat(), fc.nat({ max: 255 })).map(([sent, at, value]) => {
    const bytes = encodeReceiptMessage(sent);
    bytes[at % bytes.length] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), mutated), (bytes) => {
      try {
        assert.deepEqual(encodeReceiptMessage(decodeReceiptMessage(bytes)), Uint8Array.from(bytes));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
      }
    }),
  );
});
