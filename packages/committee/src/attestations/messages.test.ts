import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesToHex } from "viem";
import { CommitteeError } from "../errors.ts";
import { decodeAttestationMessage, encodeAttestationMessage, maxWanted, signaturesBySigner } from "./messages.ts";
import type { AttestationMessage } from "./messages.ts";

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytesToHex(bytes));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat(0xffff_ffff);
const attestation = fc.record({
  generation: uint32,
  epoch: uint64,
  number: uint64,
  blockHash: hex(32),
  outputRoot: hex(32),
  anchorNumber: uint64,
  anchorHash: hex(32),
});
const message: fc.Arbitrary<AttestationMessage> = fc.oneof(
  fc.record({ kind: fc.constant("attestation" as const), attestation, signature: hex(65) }),
  fc.record({
    kind: fc.constant("certificate" as const),
    generation: uint32,
    epoch: uint64,
    number: uint64,
    bitmap: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    signatures: fc.nat(4).chain((count) => hex(65 * count)),
  }),
  fc.record({ kind: fc.constant("want" as const), from: uint64, count: fc.integer({ min: 1, max: maxWanted }) }),
);

test("every message comes back as it was sent", () => {
  fc.assert(
    fc.property(
      message.map((value) => structuredClone(value)),
      (given) => assert.deepEqual(decodeAttestationMessage(encodeAttestationMessage(given)), given),
    ),
  );
});

test("bytes decode to a message that encodes to them, or are refused", () => {
  const changed = fc.tuple(message, fc.nat(), fc.nat(255)).map(([given, at, value]) => {
    const bytes = encodeAttestationMessage(given);
    bytes[at % bytes.length] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      try {
        assert.deepEqual(encodeAttestationMessage(decodeAttestationMessage(bytes)), bytes);
      } catch (error) {
        assert.ok(error instanceof CommitteeError && error.code === "bad-mesh-message", String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test("a certificate's signatures go to the members of its bits, and nothing else fits", () => {
  const members = ["0xaa", "0xbb", "0xcc"].map((signer) => ({ signer: signer as `0x${string}` }));
  const [first, second] = ["11".repeat(65), "22".repeat(65)];
  assert.deepEqual(signaturesBySigner(0b101n, `0x${first}${second}`, members), [
    ["0xaa", `0x${first}`],
    ["0xcc", `0x${second}`],
  ]);
  assert.equal(signaturesBySigner(0b1001n, `0x${first}${second}`, members), undefined);
  assert.equal(signaturesBySigner(0b101n, `0x${first}`, members), undefined);
  assert.equal(signaturesBySigner(0b101n, `0x${first}${second}${first}`, members), undefined);
});
