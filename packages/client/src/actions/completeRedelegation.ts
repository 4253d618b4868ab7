import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface CompleteRedelegationParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly exitId: bigint;
}
/** Hash of the L1 transaction. */
export type CompleteRedelegationReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type CompleteRedelegationErrorType = Error;

/**
 * Puts a stake whose exit is over behind the seat that it was to go on to. Anyone may.
 *
 * @example
 * const hash = await l1Wallet.completeRedelegation({ exitId: 7n });
 */
export async function completeRedelegation(
  client: WalletLike,
  { contracts, exitId, ...options }: CompleteRedelegationParameters,
): Promise<CompleteRedelegationReturnType> {
  const { delegation } = await stakingContracts(client, contracts);
  const functionName = "completeRedelegation";
  const data = encodeFunctionData({ abi, functionName, args: [exitId] });
  return send(client, { ...options, to: delegation, data, abi, functionName });
}
