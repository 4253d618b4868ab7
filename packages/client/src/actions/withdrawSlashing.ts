import { slashingManagerAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface WithdrawSlashingParameters extends SendOptions {
  readonly contracts: StakingRoot;
}
/** Hash of the L1 transaction. */
export type WithdrawSlashingReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type WithdrawSlashingErrorType = Error;

/**
 * Pays the caller what it has earned by reporting offences, and what it got back of refunded slashes.
 *
 * @example
 * const hash = await l1Wallet.withdrawSlashing();
 */
export async function withdrawSlashing(
  client: WalletLike,
  { contracts, ...options }: WithdrawSlashingParameters,
): Promise<WithdrawSlashingReturnType> {
  const { slashingManager } = await stakingContracts(client, contracts);
  const functionName = "withdraw";
  const data = encodeFunctionData({ abi, functionName });
  return send(client, { ...options, to: slashingManager, data, abi, functionName });
}
