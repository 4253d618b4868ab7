import { createRequire } from "node:module";
import type { SignedTransaction } from "@metis/protocol";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Address, Hex } from "viem";

/** Uncompressed public key (65 bytes) that signed `hash`, `signature` being r ‖ s. Throws when there is none. */
type RecoverKey = (signature: Uint8Array, yParity: number, hash: Uint8Array) => Uint8Array;

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const byNoble: RecoverKey = (signature, yParity, hash) =>
  secp256k1.Signature.fromBytes(signature, "compact").addRecoveryBit(yParity).recoverPublicKey(hash).toBytes(false);

/** The native library: 0.05 ms, twenty times faster. Absent on platforms without a prebuilt file. */
function loadNative(): RecoverKey | undefined {
  try {
    const native = createRequire(import.meta.url)("secp256k1/bindings.js") as {
      ecdsaRecover(signature: Uint8Array, recovery: number, hash: Uint8Array, compressed: boolean): Uint8Array;
    };
    return (signature, yParity, hash) => native.ecdsaRecover(signature, yParity, hash, false);
  } catch {
    return undefined;
  }
}

const native = loadNative();

/** Whether the native library serves `recoverSender`. */
export const recoversNatively = native !== undefined;

/**
 * Signer of a 32-byte digest by 65 bytes r ‖ s ‖ v, v 27 or 28, s in the lower half; `undefined` for any other signature. The
 * same answers as protocol's `recoverSigner`, twenty times faster where the native library is.
 */
export function recoverDigestSigner(digest: Hex, signature: Hex): Address | undefined {
  if (signature.length !== 132) return undefined;
  const bytes = Buffer.from(signature.slice(2), "hex");
  const v = bytes[64];
  if (bytes.length !== 65 || (v !== 27 && v !== 28)) return undefined;
  const [r, s] = [BigInt(signature.slice(0, 66)), BigInt(`0x${signature.slice(66, 130)}`)];
  return recoverWith(native ?? byNoble, {
    r,
    s,
    yParity: v === 27 ? 0 : 1,
    signingHash: Buffer.from(digest.slice(2), "hex"),
  });
}

/** The account that signed, or `undefined` when the signature is none: out of range, malleable (EIP-2), or of no key. */
export const recoverSender = (transaction: SignedTransaction): Address | undefined =>
  recoverWith(native ?? byNoble, transaction);

/** The same without the native library. */
export const recoverSenderPortably = (transaction: SignedTransaction): Address | undefined =>
  recoverWith(byNoble, transaction);

type Signed = Pick<SignedTransaction, "r" | "s" | "yParity" | "signingHash">;

function recoverWith(recover: RecoverKey, { r, s, yParity, signingHash }: Signed): Address | undefined {
  if (r === 0n || s === 0n || r >= order || s > order / 2n) return undefined;
  const signature = Buffer.from(r.toString(16).padStart(64, "0") + s.toString(16).padStart(64, "0"), "hex");
  try {
    const key = recover(signature, yParity, signingHash);
    return `0x${Buffer.from(keccak_256(key.subarray(1)).subarray(12)).toString("hex")}`;
  } catch {
    return undefined;
  }
}
