import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { Address, Hex } from "viem";
import { bytesToHex, encodeAbiParameters, hexToBytes, keccak256 } from "viem/utils";
import { decodeCanonicalAbi } from "./abi.ts";
import type { Hash } from "./brands.ts";
import { MetisError } from "./errors.ts";
import type { Certificate, SetMember } from "./structs.ts";

/** Most members of a set: bits of a certificate's bitmap. */
export const maxSetMembers = 256;
const signatureLength = 65;

export type CertificateFault =
  | "set-empty"
  | "set-too-large"
  | "set-unsorted"
  | "set-mismatch"
  | "bitmap-out-of-range"
  | "signatures-length"
  | "signature-invalid"
  | "signer-mismatch"
  | "weight-too-low";

/** Why a certificate does not count. */
export class CertificateError extends MetisError<"certificate-invalid", { readonly fault: CertificateFault }> {
  constructor(fault: CertificateFault, message: string) {
    super("certificate-invalid", "reject", message, { fault });
  }
}

const membersParameter = {
  type: "tuple[]",
  components: [
    { name: "signer", type: "address" },
    { name: "weight", type: "uint96" },
  ],
} as const;
const certificateParameters = [
  {
    type: "tuple",
    components: [
      { name: "bitmap", type: "uint256" },
      { name: "signatures", type: "bytes" },
      { ...membersParameter, name: "members" },
    ],
  },
] as const;

/** keccak256(abi.encode(SetMember[] members)). */
export const setHash = (members: readonly SetMember[]): Hash =>
  keccak256(encodeAbiParameters([membersParameter], [members]));

/** METIS wei. */
export const totalWeight = (members: readonly SetMember[]): bigint =>
  members.reduce((sum, member) => sum + member.weight, 0n);

/** Strictly above two thirds. */
export const hasQuorum = (weight: bigint, total: bigint): boolean => weight * 3n > total * 2n;

/** Throws `CertificateError` unless there are 1 to 256 members in strictly ascending order of their signers. */
export function assertSet(members: readonly SetMember[]): void {
  if (members.length === 0) throw new CertificateError("set-empty", "the set has no members");
  if (members.length > maxSetMembers)
    throw new CertificateError("set-too-large", `the set has more than ${maxSetMembers} members`);
  const unsorted = members.findIndex((member, i) => i > 0 && BigInt(members[i - 1]!.signer) >= BigInt(member.signer));
  if (unsorted !== -1)
    throw new CertificateError("set-unsorted", `member ${unsorted} does not stand above the one before it`);
}

const addressOf = (publicKey: Uint8Array): Address => {
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  return `0x${keccak256(point.subarray(1)).slice(26)}`;
};

/**
 * Signer of a 32-byte digest by a 65-byte signature r ‖ s ‖ v, v 27 or 28, s in the lower half.
 * Returns undefined for any other signature.
 */
export function recoverSigner(digest: Hash, signature: Hex | Uint8Array): Address | undefined {
  try {
    const bytes = typeof signature === "string" ? hexToBytes(signature) : signature;
    const v = bytes[64];
    if (bytes.length !== signatureLength || (v !== 27 && v !== 28)) return undefined;
    const parsed = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), "compact");
    if (parsed.hasHighS()) return undefined;
    return addressOf(
      parsed
        .addRecoveryBit(v - 27)
        .recoverPublicKey(hexToBytes(digest))
        .toBytes(),
    );
  } catch {
    return undefined;
  }
}

/** Signs a digest with a 32-byte private key: 65 bytes as `recoverSigner` reads them. Deterministic (RFC 6979). */
export function signDigest(digest: Hash, privateKey: Hex): Hex {
  const signed = secp256k1.sign(hexToBytes(digest), hexToBytes(privateKey), { prehash: false, format: "recovered" });
  const out = new Uint8Array(signatureLength);
  out.set(signed.subarray(1), 0);
  out[64] = signed[0]! + 27;
  return bytesToHex(out);
}

/** Address of a 32-byte private key. */
export const addressOfKey = (privateKey: Hex): Address => addressOf(secp256k1.getPublicKey(hexToBytes(privateKey)));

/**
 * Puts signatures of `digest` by members of the set together. Those by others, malformed and repeated ones are left
 * out; whether the weight is enough is `verifyCertificate`'s question. Throws `CertificateError` for a bad set.
 */
export function buildCertificate(digest: Hash, members: readonly SetMember[], signatures: readonly Hex[]): Certificate {
  assertSet(members);
  const bySigner = new Map<string, Hex>();
  for (const signature of signatures) {
    const signer = recoverSigner(digest, signature);
    if (signer !== undefined) bySigner.set(signer, signature);
  }
  let bitmap = 0n;
  let joined: Hex = "0x";
  members.forEach((member, i) => {
    const signature = bySigner.get(member.signer.toLowerCase());
    if (signature === undefined) return;
    bitmap |= 1n << BigInt(i);
    joined = `${joined}${signature.slice(2).toLowerCase()}`;
  });
  return { bitmap, signatures: joined, members };
}

/** Positions of the set bits, lowest first. */
function positions(bitmap: bigint, count: number): number[] {
  if (bitmap < 0n || bitmap >> BigInt(count) !== 0n)
    throw new CertificateError("bitmap-out-of-range", "the bitmap names members that do not exist");
  return Array.from({ length: count }, (_, i) => i).filter((i) => ((bitmap >> BigInt(i)) & 1n) === 1n);
}

/**
 * Checks a certificate over `digest` and returns its signers in order. With `expectedSetHash` the members must be that
 * set. `recover` answers as `recoverSigner` does. Throws `CertificateError`.
 */
export function verifyCertificate(
  certificate: Certificate,
  digest: Hash,
  expectedSetHash?: Hash,
  recover: (digest: Hash, signature: Hex) => Address | undefined = recoverSigner,
): readonly SetMember[] {
  const { bitmap, signatures, members } = certificate;
  assertSet(members);
  if (expectedSetHash !== undefined && setHash(members) !== expectedSetHash)
    throw new CertificateError("set-mismatch", "the members are not the epoch's set");
  const signed = positions(bitmap, members.length);
  const bytes = hexToBytes(signatures);
  if (bytes.length !== signed.length * signatureLength)
    throw new CertificateError("signatures-length", "there is not one signature for each set bit");
  const signers = signed.map((position, i) => {
    const member = members[position]!;
    const signer = recover(digest, bytesToHex(bytes.subarray(i * signatureLength, (i + 1) * signatureLength)));
    if (signer === undefined) throw new CertificateError("signature-invalid", `signature ${i} is malformed`);
    if (signer !== member.signer.toLowerCase())
      throw new CertificateError("signer-mismatch", `signature ${i} is not by member ${position}`);
    return member;
  });
  if (!hasQuorum(totalWeight(signers), totalWeight(members)))
    throw new CertificateError("weight-too-low", "the signers do not hold more than two thirds of the weight");
  return signers;
}

/** `abi.encode(Certificate)`. */
export const encodeCertificate = (certificate: Certificate): Hex =>
  encodeAbiParameters(certificateParameters, [certificate]);

/** Throws `DecodeError` on anything but canonical bytes; at most 256 members and signatures are read. */
export const decodeCertificate = (data: Hex | Uint8Array): Certificate =>
  decodeCanonicalAbi(
    "Certificate",
    certificateParameters,
    data,
    (7 + 2 * maxSetMembers) * 32 + 65 * maxSetMembers + 32,
  )[0];
