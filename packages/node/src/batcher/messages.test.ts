import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@metis/protocol";
import fc from "fast-check";
import { hash, requestOf } from "./batches.fixture.ts";
import { decodeBatchMessage, encodeBatchMessage } from "./messages.ts";
import type { BatchMessage } from "./messages.ts";

const request = requestOf();
const messages: readonly BatchMessage[] = [
  { kind: "batch", ...request },
  { kind: "batch", ...request, payload: new Uint8Array() },
  { kind: "signature", batchIndex: 7n, digest: hash("digest"), signature: `0x${"5a".repeat(65)}` },
  { kind: "claim", claim: request.claim },
];

test("what members say about batches reads as it was written", () => {
  for (const message of messages) assert.deepEqual(decodeBatchMessage(encodeBatchMessage(message)), message);
});

test("any other bytes are refused: cut, longer, changed or random", () => {
  for (const message of messages) {
    const bytes = encodeBatchMessage(message);
    assert.throws(() => decodeBatchMessage(bytes.subarray(0, -1)), DecodeError);
    assert.throws(() => decodeBatchMessage(Uint8Array.from([...bytes, 0])), DecodeError);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = bytes.with(at, value);
        try {
          assert.deepEqual(encodeBatchMessage(decodeBatchMessage(changed)), changed);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
    );
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) =>
      assert.throws(() => decodeBatchMessage(bytes), DecodeError),
    ),
  );
});

test("a payload beyond what six blobs hold is not read", () => {
  const bytes = encodeBatchMessage({ kind: "batch", ...request, payload: new Uint8Array(768 * 1024 + 1) });
  assert.throws(() => decodeBatchMessage(bytes), DecodeError);
});
