import type { Address } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingAbi, stakingContracts, type StakingRoot } from "../utils/staking.ts";
import { getDelegation, type StakeDelegation } from "./getDelegation.ts";

export interface GetRewardsParameters {
  readonly contracts: StakingRoot;
  readonly account: Address;
}
export interface GetRewardsReturnType {
  /** METIS wei that `withdrawRewards` with the seats below pays. */
  readonly amount: bigint;
  /** What the account has delegated; amounts in METIS wei. */
  readonly delegations: readonly StakeDelegation[];
}
/** What viem throws when the endpoint does not answer. */
export type GetRewardsErrorType = Error;

/**
 * What an account has earned and not withdrawn, as a delegator and as whom seats' rewards go to. Asks about every seat.
 *
 * @example
 * const { amount, delegations } = await l1Client.getRewards({ account: account.address });
 */
export async function getRewards(
  client: ReaderLike,
  { contracts, account }: GetRewardsParameters,
): Promise<GetRewardsReturnType> {
  const { delegation: address, lockingPool } = await stakingContracts(client, contracts);
  const count = await readContract(client, { address: lockingPool, abi: stakingAbi, functionName: "totalSequencers" });
  const seatIds = Array.from({ length: Number(count) }, (_, index) => BigInt(index + 1));
  const [amount, delegations] = await Promise.all([
    readContract(client, { address, abi, functionName: "rewardsOf", args: [account, seatIds] }),
    Promise.all(seatIds.map((seatId) => getDelegation(client, { contracts, seatId, delegator: account }))),
  ]);
  return { amount, delegations: delegations.filter(({ shares }) => shares > 0n) };
}
