import assert from "node:assert/strict";
import { test } from "node:test";
import { concatHex, keccak256, numberToHex, type Hex } from "viem";
import {
  CertificateError,
  addressOfKey,
  assertSet,
  buildCertificate,
  recoverSigner,
  setHash,
  signDigest,
  verifyCertificate,
  type CertificateFault,
} from "./certificate.ts";
import type { Certificate } from "./structs.ts";

const digest = keccak256("0x01");
const keys = [1, 2, 3, 4].map((i) => keccak256(numberToHex(i)));
const seats = keys
  .map((key) => ({ key, signer: addressOfKey(key) }))
  .toSorted((a, b) => (a.signer < b.signer ? -1 : 1));
const members = seats.map(({ signer }) => ({ signer, weight: 100n }));
const signatures = seats.map(({ key }) => signDigest(digest, key));
const full = buildCertificate(digest, members, signatures);
const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The same signature with s in the upper half: valid for plain ECDSA, refused here. */
function malleated(signature: Hex): Hex {
  const s = curveOrder - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.endsWith("1b") ? "1c" : "1b";
  return `0x${signature.slice(2, 66)}${s.toString(16).padStart(64, "0")}${v}`;
}

test("a certificate names its signers", () => {
  assert.deepEqual(verifyCertificate(full, digest, setHash(members)), members);
  const three = buildCertificate(digest, members, signatures.slice(1));
  assert.equal(three.bitmap, 0b1110n);
  assert.deepEqual(verifyCertificate(three, digest), members.slice(1));
});

test("strangers' signatures, malformed and repeated ones leave no trace in a built certificate", () => {
  const stranger = signDigest(digest, keccak256("0xff"));
  const noise = [stranger, "0x" as const, malleated(signatures[0]!), signatures[2]!, signatures[2]!];
  const built = buildCertificate(digest, members, [...noise, signatures[1]!]);
  assert.deepEqual(built, buildCertificate(digest, members, [signatures[1]!, signatures[2]!]));
  assert.throws(() => verifyCertificate(built, digest), { payload: { fault: "weight-too-low" } });
});

const faults: readonly [CertificateFault, string, Certificate, Hex?][] = [
  ["set-empty", "no members", { ...full, members: [] }],
  ["set-too-large", "257 members", { ...full, members: Array.from({ length: 257 }, () => members[0]!) }],
  ["set-unsorted", "members the wrong way round", { ...full, members: members.toReversed() }],
  ["set-unsorted", "a member twice", { ...full, members: [members[0]!, ...members] }],
  ["set-mismatch", "another set", full, setHash(members.slice(1))],
  ["bitmap-out-of-range", "a bit without a member", { ...full, bitmap: 0b11111n }],
  ["signatures-length", "a signature too few", { ...full, signatures: concatHex(signatures.slice(1)) }],
  ["signatures-length", "a byte too many", { ...full, signatures: concatHex([full.signatures, "0x00"]) }],
  [
    "signature-invalid",
    "s in the upper half",
    { ...full, signatures: concatHex([malleated(signatures[0]!), ...signatures.slice(1)]) },
  ],
  [
    "signature-invalid",
    "v 0",
    { ...full, signatures: concatHex([...signatures.slice(0, 3), `${signatures[3]!.slice(0, 130)}00` as Hex]) },
  ],
  ["signer-mismatch", "signatures in another order", { ...full, signatures: concatHex(signatures.toReversed()) }],
  ["weight-too-low", "half of the weight", buildCertificate(digest, members, signatures.slice(2))],
];
for (const [fault, name, certificate, expected] of faults)
  test(`${fault}: ${name} does not count`, () => {
    assert.throws(
      () => verifyCertificate(certificate, digest, expected),
      (error) => error instanceof CertificateError && error.payload.fault === fault,
    );
  });

test("a certificate over another digest does not count", () => {
  assert.throws(() => verifyCertificate(full, keccak256("0x02")), CertificateError);
});

test("256 members are a set", () => {
  assertSet(Array.from({ length: 256 }, (_, i) => ({ signer: numberToHex(i + 1, { size: 20 }), weight: 1n })));
});

test("what is no signature recovers to nobody", () => {
  const zero = `0x${"00".repeat(64)}1b` as const;
  const cut: Hex = `0x${signatures[0]!.slice(2, -2)}`;
  for (const bad of ["0x", cut, zero, malleated(signatures[0]!), "0xzz"] as const)
    assert.equal(recoverSigner(digest, bad), undefined);
  assert.equal(recoverSigner(digest, signatures[0]!), seats[0]!.signer);
});
