import { addressOfKey, signDigest } from "@metis/protocol";
import type { BlockAttestation, Heartbeat, Receipt, StateClaim } from "@metis/protocol";
import type { Address, Hex } from "viem";

/** What a seat's key says, in full, so that a signer in another process can judge it before it signs. */
export type Statement =
  | { readonly type: "BLOCK_ATTESTATION"; readonly attestation: BlockAttestation }
  | { readonly type: "STATE_CLAIM"; readonly claim: StateClaim }
  | { readonly type: "RECEIPT"; readonly receipt: Receipt }
  | { readonly type: "HEARTBEAT"; readonly heartbeat: Heartbeat }
  /** `message`: what a member signs on a channel to another one (docs/spec/pool.md, "Mesh"). */
  | { readonly type: "MESH_HELLO"; readonly message: Hex };

/** Whoever holds a seat's key: this process, or a remote signer. Sign nothing that did not pass slashing protection. */
export interface Signer {
  /** Lower case. */
  readonly address: Address;
  /** 65 bytes r ‖ s ‖ v over `digest`, which must be that of `statement`; s in the lower half, v 27 or 28. */
  sign(digest: Hex, statement: Statement): Promise<Hex>;
}

/** A signer whose 32-byte key lies in this process's memory. `sign` may be a faster way to what protocol's `signDigest` makes. */
export const localSigner = (
  privateKey: Hex,
  sign: typeof signDigest = signDigest,
): Signer & { sign(digest: Hex): Promise<Hex> } => ({
  address: addressOfKey(privateKey),
  sign: async (digest) => sign(digest, privateKey),
});
