import { encodeFunctionData, type Address, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface WithdrawRewardsParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** Seats that the account has delegated to, each once; none for what its own seat has earned. */
  readonly seatIds: readonly bigint[];
  /** Who gets it on L2, by the bridge; absent: the account, on L1. */
  readonly toL2?: Address;
}
/** Hash of the L1 transaction. */
export type WithdrawRewardsReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type WithdrawRewardsErrorType = Error;

/** L2 gas of the call that ends the bridge's message. */
const minGasLimit = 200_000;

/**
 * Pays what an account has earned by delegating, and by seats whose rewards go to it.
 *
 * @example
 * const hash = await l1Wallet.withdrawRewards({ seatIds: [3n], toL2: account.address });
 */
export async function withdrawRewards(
  client: WalletLike,
  { contracts, seatIds, toL2, ...options }: WithdrawRewardsParameters,
): Promise<WithdrawRewardsReturnType> {
  const { delegation } = await stakingContracts(client, contracts);
  const functionName = toL2 === undefined ? "withdrawRewards" : "withdrawRewardsToL2";
  const data =
    toL2 === undefined
      ? encodeFunctionData({ abi, functionName: "withdrawRewards", args: [seatIds] })
      : encodeFunctionData({ abi, functionName: "withdrawRewardsToL2", args: [seatIds, toL2, minGasLimit] });
  return send(client, { ...options, to: delegation, data, abi, functionName });
}
