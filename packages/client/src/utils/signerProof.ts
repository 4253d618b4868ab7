import { signerProofTypedData, signerPublicKey } from "@metis/protocol";
import type { Address, Hex, LocalAccount } from "viem";

/** A key's agreement to sign for an owner's seat, as LockingPool checks it. */
export interface SignerProof {
  readonly signer: Address;
  /** Uncompressed, without prefix: 64 bytes. */
  readonly publicKey: Hex;
  /** EIP-712 signature over SignerProof(owner, signer). */
  readonly proof: Hex;
}

export interface ProveSignerParameters {
  /** The seat's key. */
  readonly signer: LocalAccount;
  /** Who owns the seat: the account that locks, or that changes the signer. */
  readonly owner: Address;
  readonly lockingPool: Address;
  readonly l1ChainId: bigint;
}

/**
 * Proof of possession for `lockStake` and `updateSigner` (docs/spec/staking.md). It is good for this owner, pool and L1 alone,
 * so the key and the owner's account may be on two machines.
 */
export async function proveSigner({ signer, ...place }: ProveSignerParameters): Promise<SignerProof> {
  const typedData = signerProofTypedData({ ...place, signer: signer.address });
  return {
    signer: signer.address,
    publicKey: signerPublicKey(signer.publicKey),
    proof: await signer.signTypedData(typedData),
  };
}
