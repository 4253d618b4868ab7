import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blobCapacity, blobLength, packBlobs, unpackBlobs } from "./blobs.ts";

test("what was packed is unpacked, whatever its length", () => {
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 200 }),
    fc.constantFrom(blobCapacity - 1, blobCapacity, blobCapacity + 1),
  );
  fc.assert(
    fc.property(lengths, fc.nat(255), (length, seed) => {
      const payload = Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff);
      const blobs = packBlobs(payload);
      assert.ok(blobs.every((blob) => blob.length === blobLength));
      assert.deepEqual(unpackBlobs(blobs, length), payload);
    }),
    { numRuns: 25 },
  );
});

test("every field element is below the modulus, because its high byte is zero", () => {
  const [blob] = packBlobs(new Uint8Array(blobCapacity).fill(0xff));
  for (let i = 0; i < blobLength; i += 32) assert.equal(blob![i], 0);
});

test("blobs that were packed in no way are refused", () => {
  const [blob] = packBlobs(Uint8Array.of(1, 2, 3));
  const wrong: readonly [readonly Uint8Array[], number][] = [
    [[blob!], 0],
    [[blob!, blob!], 3],
    [[], 3],
    [[blob!.subarray(1)], 3],
    [[blob!.with(32, 1)], 3],
    [[blob!.with(4, 1)], 3],
    [[blob!.with(blobLength - 1, 1)], 3],
  ];
  for (const [blobs, size] of wrong)
    assert.throws(() => unpackBlobs(blobs, size), { code: "malformed", remedy: "reject" });
});
