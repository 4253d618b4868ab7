import { posterVaultAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Address, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface WithdrawPostingRefundsParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** As `getPostingRefunds` names them. */
  readonly epochs: readonly bigint[];
  /** Who is paid, on L1. */
  readonly to: Address;
}
/** Hash of the L1 transaction. */
export type WithdrawPostingRefundsReturnType = Hash;
/** `ClientError`: no-account, contract-refused (NothingToWithdraw). */
export type WithdrawPostingRefundsErrorType = Error;

/**
 * Pays what an account is owed for the batches that it posted.
 *
 * @example
 * const hash = await l1Wallet.withdrawPostingRefunds({ epochs, to: account.address });
 */
export async function withdrawPostingRefunds(
  client: WalletLike,
  { contracts, epochs, to, ...options }: WithdrawPostingRefundsParameters,
): Promise<WithdrawPostingRefundsReturnType> {
  const { posterVault } = await stakingContracts(client, contracts);
  const functionName = "withdraw";
  const data = encodeFunctionData({ abi, functionName, args: [epochs, to] });
  return send(client, { ...options, to: posterVault, data, abi, functionName });
}
