import type { Address } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetDelegationParameters {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  readonly delegator: Address;
}

/** A delegator's part of a seat. Amounts in METIS wei. */
export interface StakeDelegation {
  readonly seatId: bigint;
  readonly shares: bigint;
  /** What the shares are worth now. */
  readonly amount: bigint;
}
export type GetDelegationReturnType = StakeDelegation;
/** What viem throws when the endpoint does not answer. */
export type GetDelegationErrorType = Error;

/**
 * What an account has behind a seat.
 *
 * @example
 * const { amount } = await l1Client.getDelegation({ seatId: 3n, delegator: account.address });
 */
export async function getDelegation(
  client: ReaderLike,
  { contracts, seatId, delegator }: GetDelegationParameters,
): Promise<GetDelegationReturnType> {
  const { delegation: address } = await stakingContracts(client, contracts);
  const args = [seatId, delegator] as const;
  const [shares, amount] = await Promise.all([
    readContract(client, { address, abi, functionName: "sharesOf", args }),
    readContract(client, { address, abi, functionName: "delegationOf", args }),
  ]);
  return { seatId, shares, amount };
}
