import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createKeccak } from "hash-wasm";
import { keccak256 } from "viem/utils";
import { hashBytes } from "./hash.ts";

/** Around the 136 bytes of a block, too; views of larger buffers, too. */
const input = fc.tuple(fc.uint8Array({ maxLength: 420 }), fc.nat(3)).map(([bytes, start]) => bytes.subarray(start));
const agrees = (): void => fc.assert(fc.property(input, (bytes) => assert.equal(hashBytes(bytes), keccak256(bytes))));

// While modules load nothing is compiled yet.
agrees();

test("keccak256 is viem's, in JavaScript and once WebAssembly is compiled", async () => {
  await createKeccak(256);
  agrees();
  const long = new Uint8Array(200_000).map((_, i) => i % 251);
  assert.equal(hashBytes(long), keccak256(long));
});
