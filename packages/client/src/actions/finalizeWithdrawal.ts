import type { Withdrawal } from "@metis/protocol";
import { portalAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import type { MetisL1Contracts } from "../contracts.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import type { WithdrawalProof } from "./buildWithdrawalProof.ts";

export interface FinalizeWithdrawalParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "portal">;
  readonly withdrawal: Withdrawal;
  readonly proof: WithdrawalProof;
}
/** Hash of the L1 transaction. */
export type FinalizeWithdrawalReturnType = Hash;
/** `ClientError`: no-account, contract-refused (AlreadyFinalized, WithdrawalsPaused, WrongOutputRoot...). */
export type FinalizeWithdrawalErrorType = Error;

/**
 * Pays a withdrawal on L1. Anyone may send it: the money goes where the withdrawal says, once.
 *
 * @example
 * const hash = await l1Wallet.finalizeWithdrawal({ withdrawal, proof });
 */
export async function finalizeWithdrawal(
  client: WalletLike,
  parameters: FinalizeWithdrawalParameters,
): Promise<FinalizeWithdrawalReturnType> {
  const { contracts, withdrawal, proof, ...options } = parameters;
  const { nonce, sender, target, value, gasLimit, data: message } = withdrawal;
  const abi = portalAbi;
  const functionName = "finalizeWithdrawal";
  const data = encodeFunctionData({
    abi,
    functionName,
    args: [
      { nonce, sender, target, value, gasLimit, data: message },
      proof.batchIndex,
      proof.outputProof,
      proof.storageProof,
    ],
  });
  return send(client, { ...options, to: contracts.portal, data, abi, functionName });
}
