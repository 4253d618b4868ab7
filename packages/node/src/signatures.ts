import { createRequire } from "node:module";
import { keccak, signDigest } from "@metis/protocol";
import type { SignedTransaction } from "@metis/protocol";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { Address, Hex } from "viem";

/** Uncompressed public key (65 bytes) that signed `hash`, `signature` being r ‖ s. Throws when there is none. */
type RecoverKey = (signature: Uint8Array, yParity: number, hash: Uint8Array) => Uint8Array;

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const byNoble: RecoverKey = (signature, yParity, hash) =>
  secp256k1.Signature.fromBytes(signature, "compact").addRecoveryBit(yParity).recoverPublicKey(hash).toBytes(false);

interface Native {
  ecdsaRecover(signature: Uint8Array, recovery: number, hash: Uint8Array, compressed: boolean): Uint8Array;
  /** Nonces of RFC 6979, s in the lower half. */
  ecdsaSign(hash: Uint8Array, key: Uint8Array): { readonly signature: Uint8Array; readonly recid: number };
}

/** The native library: 0.05 ms, twenty times faster. Absent on platforms without a prebuilt file. */
function loadNative(): Native | undefined {
  try {
    return createRequire(import.meta.url)("secp256k1/bindings.js") as Native;
  } catch {
    return undefined;
  }
}

const library = loadNative();
const native: RecoverKey | undefined =
  library && ((signature, yParity, hash) => library.ecdsaRecover(signature, yParity, hash, false));

/**
 * Signer of a 32-byte digest by 65 bytes r ‖ s ‖ v, v 27 or 28, s in the lower half; `undefined` for any other signature. The
 * same answers as protocol's `recoverSigner`, twenty times faster where the native library is.
 */
export function recoverDigestSigner(digest: Hex, signature: Hex): Address | undefined {
  if (signature.length !== 132) return undefined;
  const given = bytes(signature);
  const v = given[64];
  if (given.length !== 65 || (v !== 27 && v !== 28)) return undefined;
  const [r, s] = [BigInt(signature.slice(0, 66)), BigInt(`0x${signature.slice(66, 130)}`)];
  return recoverWith(native ?? byNoble, {
    r,
    s,
    yParity: v === 27 ? 0 : 1,
    signingHash: bytes(digest),
  });
}

/** Signs as protocol's `signDigest` does, bit for bit, faster where the native library is. */
export function signDigestFast(digest: Hex, privateKey: Hex): Hex {
  if (!library) return signDigest(digest, privateKey);
  const { signature, recid } = library.ecdsaSign(bytes(digest), bytes(privateKey));
  return `0x${Buffer.from(signature).toString("hex")}${(27 + recid).toString(16)}`;
}

const bytes = (hex: Hex): Uint8Array => Buffer.from(hex.slice(2), "hex");

/** Told of a public key (x ‖ y, 64 bytes) that was recovered; `signature` is r ‖ s. */
export type KeyListener = (message: Uint8Array, signature: Uint8Array, yParity: number, key: Uint8Array) => void;

/** The account that signed, or `undefined` when the signature is none: out of range, malleable (EIP-2), or of no key. */
export const recoverSender = (transaction: SignedTransaction, onKey?: KeyListener): Address | undefined =>
  recoverWith(native ?? byNoble, transaction, onKey);

/** The same without the native library. */
export const recoverSenderPortably = (transaction: SignedTransaction): Address | undefined =>
  recoverWith(byNoble, transaction);

type Signed = Pick<SignedTransaction, "r" | "s" | "yParity" | "signingHash">;

function recoverWith(
  recover: RecoverKey,
  { r, s, yParity, signingHash }: Signed,
  onKey?: KeyListener,
): Address | undefined {
  if (r === 0n || s === 0n || r >= order || s > order / 2n) return undefined;
  const signature = Buffer.from(r.toString(16).padStart(64, "0") + s.toString(16).padStart(64, "0"), "hex");
  try {
    const key = recover(signature, yParity, signingHash).subarray(1);
    onKey?.(signingHash, signature, yParity, key);
    return `0x${Buffer.from(keccak(key).subarray(12)).toString("hex")}`;
  } catch {
    return undefined;
  }
}
