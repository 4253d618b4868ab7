import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, encodeRlp } from "@metis/protocol";
import fc from "fast-check";
import { bytesToHex, hexToBytes } from "viem";
import type { Hex } from "viem";
import { decodeFeedBlock, encodeFeedBlock, feedBlockFromHex } from "./signedBlock.ts";

const hex = (length: number, most = length): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: length, maxLength: most }).map((bytes) => bytesToHex(bytes));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat(0xffff_ffff);

/** Plain objects, as decoding makes them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });

const inputs = record({
  number: uint64,
  time: uint64,
  generation: uint32,
  flags: fc.nat(255),
  proposer: hex(20),
  anchorNumber: uint64,
  anchorHash: hex(32),
  depositStart: uint64,
  depositEnd: uint64,
  rate: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  attendance: hex(0, 64),
  transactions: fc.array(hex(1, 40), { maxLength: 4 }),
});
const attestation = record({
  generation: uint32,
  epoch: uint64,
  number: uint64,
  blockHash: hex(32),
  outputRoot: hex(32),
  anchorNumber: uint64,
  anchorHash: hex(32),
});
const certificate = record({
  bitmap: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  signatures: hex(0, 130),
  members: fc.constant([]),
});

/** What came out, or the `DecodeError` that says why not; anything else fails the test. */
function attempt<T>(decode: () => T): T | DecodeError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

test("a signed block comes back as it was, without the members of its certificate", () => {
  fc.assert(
    fc.property(inputs, attestation, certificate, (block, attested, certified) => {
      const { bitmap, signatures } = certified;
      const encoded = encodeFeedBlock(block, { attestation: attested, certificate: certified });
      assert.deepEqual(decodeFeedBlock(encoded), { inputs: block, attestation: attested, bitmap, signatures });
    }),
  );
});

test("decoding is total and canonical: what decodes encodes to the same bytes", () => {
  const valid = fc
    .tuple(inputs, attestation, certificate)
    .map(([block, attested, certified]) => encodeFeedBlock(block, { attestation: attested, certificate: certified }));
  const flipped = fc.tuple(valid, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([bytes, at, by]) => {
    const copy = Uint8Array.from(bytes);
    copy[at % copy.length]! ^= by;
    return copy;
  });
  const cut = fc.tuple(valid, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length));
  fc.assert(
    fc.property(fc.oneof(flipped, cut, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const result = attempt(() => decodeFeedBlock(bytes));
      if (result instanceof DecodeError) return;
      const { inputs: block, attestation: attested, bitmap, signatures } = result;
      const again = encodeFeedBlock(block, {
        attestation: attested,
        certificate: { bitmap, signatures, members: [] },
      });
      assert.deepEqual(again, Uint8Array.from(bytes));
    }),
    { numRuns: 1_000 },
  );
});

test("hex is taken in lower case, whole bytes and up to the limit alone", () => {
  for (const text of [undefined, 7, null, {}, "", "0x0", "00", "0xAB", "0xzz", `0x${"00".repeat(11)}`])
    assert.ok(attempt(() => feedBlockFromHex(text, 10)) instanceof DecodeError, JSON.stringify(text));
});

test("more signatures or bits than a set has seats are refused", () => {
  const proposal = new Uint8Array();
  const long: Hex = `0x${"00".repeat(257 * 65)}`;
  assert.throws(() => decodeFeedBlock(encodeRlp([proposal, [], 1n, long])), DecodeError);
  assert.throws(
    () => decodeFeedBlock(hexToBytes(bytesToHex(encodeRlp([proposal, [], 2n ** 256n, "0x"])))),
    DecodeError,
  );
});
