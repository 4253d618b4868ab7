import { systemConfigAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import type { StakingRoot } from "../utils/staking.ts";

export interface PauseWithdrawalsParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** Ends the pause instead. */
  readonly end?: boolean;
}
/** Hash of the L1 transaction. */
export type PauseWithdrawalsReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type PauseWithdrawalsErrorType = Error;

/**
 * The guardian's one power: withdrawals stand still for pauseWindow, or until it ends that. Not again before as long a time without.
 *
 * @example
 * const hash = await l1Wallet.pauseWithdrawals();
 */
export async function pauseWithdrawals(
  client: WalletLike,
  { contracts, end = false, ...options }: PauseWithdrawalsParameters,
): Promise<PauseWithdrawalsReturnType> {
  const functionName = end ? "unpause" : "pause";
  const data = encodeFunctionData({ abi, functionName });
  return send(client, { ...options, to: contracts.systemConfig, data, abi, functionName });
}
