import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface ClaimStakeParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly exitId: bigint;
}
/** Hash of the L1 transaction. */
export type ClaimStakeReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type ClaimStakeErrorType = Error;

/**
 * Pays an exit out to its owner, once its time is over and the epochs it served are settled.
 *
 * @example
 * const hash = await l1Wallet.claimStake({ exitId: 1n });
 */
export async function claimStake(
  client: WalletLike,
  { contracts, exitId, ...options }: ClaimStakeParameters,
): Promise<ClaimStakeReturnType> {
  const { lockingPool } = await stakingContracts(client, contracts);
  const functionName = "unlockClaim";
  const data = encodeFunctionData({ abi, functionName, args: [exitId] });
  return send(client, { ...options, to: lockingPool, data, abi, functionName });
}
