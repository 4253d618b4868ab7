import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesToHex, hexToBytes } from "viem/utils";
import { fromHex, toHex } from "./hex.ts";

test("hex: the same as viem's, there and back, for views of larger buffers, too", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(5), (bytes, start) => {
      const view = bytes.subarray(start);
      const hex = bytesToHex(view);
      assert.equal(toHex(view), hex);
      assert.deepEqual(fromHex(hex), hexToBytes(hex));
      assert.deepEqual(fromHex(hex.toUpperCase().replace("0X", "0x") as `0x${string}`), hexToBytes(hex));
    }),
  );
});

test("hex: an odd digit in front counts as a byte, and what is no digit is refused as viem refuses it", () => {
  const odd = `0x1${"ab".repeat(20)}` as const;
  assert.deepEqual(fromHex(odd), hexToBytes(odd));
  for (const bad of [`0x${"ab".repeat(20)}zz`, `0x${"ab".repeat(10)} ${"a".repeat(19)}`, `0xz${"a".repeat(39)}`])
    assert.throws(() => fromHex(bad as `0x${string}`), /Invalid byte sequence/);
});
