import { addressOfKey, signDigest } from "@metis/protocol";
import type { Address, Hex } from "viem";

/** Whoever holds a seat's key: in memory here, a remote signer later. Sign nothing that did not pass slashing protection. */
export interface Signer {
  /** Lower case. */
  readonly address: Address;
  /** 65 bytes r ‖ s ‖ v over a 32-byte digest, s in the lower half, v 27 or 28. */
  sign(digest: Hex): Promise<Hex>;
}

/** A signer whose 32-byte key lies in this process's memory. `sign` may be a faster way to what protocol's `signDigest` makes. */
export const localSigner = (privateKey: Hex, sign: typeof signDigest = signDigest): Signer => ({
  address: addressOfKey(privateKey),
  sign: async (digest) => sign(digest, privateKey),
});
