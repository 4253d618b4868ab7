import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface UnlockStakeParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  /** METIS wei; all of the own stake ends the seat. */
  readonly amount: bigint;
}
/** Hash of the L1 transaction. */
export type UnlockStakeReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type UnlockStakeErrorType = Error;

/**
 * Puts a part of a seat's own stake, or all of it, into the exit queue.
 *
 * @example
 * const hash = await l1Wallet.unlockStake({ seatId: 3n, amount: parseEther("1000") });
 */
export async function unlockStake(
  client: WalletLike,
  { contracts, seatId, amount, ...options }: UnlockStakeParameters,
): Promise<UnlockStakeReturnType> {
  const { lockingPool } = await stakingContracts(client, contracts);
  const functionName = "unlock";
  const data = encodeFunctionData({ abi, functionName, args: [seatId, amount] });
  return send(client, { ...options, to: lockingPool, data, abi, functionName });
}
