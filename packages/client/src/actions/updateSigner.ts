import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import type { SignerProof } from "../utils/signerProof.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface UpdateSignerParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  /** Of the new key, made by `proveSigner`. */
  readonly signer: SignerProof;
}
/** Hash of the L1 transaction. */
export type UpdateSignerReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type UpdateSignerErrorType = Error;

/**
 * Gives a seat another key from the next frozen set on. The old one signs until then, and never for another seat.
 *
 * @example
 * const hash = await l1Wallet.updateSigner({ seatId: 3n, signer: await proveSigner({ ... }) });
 */
export async function updateSigner(
  client: WalletLike,
  { contracts, seatId, signer, ...options }: UpdateSignerParameters,
): Promise<UpdateSignerReturnType> {
  const { lockingPool } = await stakingContracts(client, contracts);
  const functionName = "updateSigner";
  const args = [seatId, signer.signer, signer.publicKey, signer.proof] as const;
  const data = encodeFunctionData({ abi, functionName, args });
  return send(client, { ...options, to: lockingPool, data, abi, functionName });
}
