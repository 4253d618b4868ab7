import type { Address, Hex } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { readExits, type StakeExit } from "./getExit.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetSeatParameters {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
}

/** As LockingPool counts them. */
export const seatStatuses = ["unavailable", "left", "active", "tombstoned"] as const;
export type SeatStatus = (typeof seatStatuses)[number];

/** A sequencer's seat. Amounts in METIS wei. */
export interface Seat {
  readonly seatId: bigint;
  readonly owner: Address;
  readonly signer: Address;
  readonly signerPublicKey: Hex;
  readonly rewardRecipient: Address;
  readonly status: SeatStatus;
  readonly own: bigint;
  readonly delegated: bigint;
  readonly exiting: bigint;
  /** What its stake weighs before the cap on a share of the set. */
  readonly weight: bigint;
  /** Among those that the next set is chosen from. */
  readonly inLine: boolean;
  /** L1 time; zero: not jailed. */
  readonly jailedUntil: bigint;
  /** Newest first. */
  readonly exits: readonly StakeExit[];
}
/** Absent: there is no such seat. */
export type GetSeatReturnType = Seat | undefined;
/** What viem throws when the endpoint does not answer. */
export type GetSeatErrorType = Error;

/**
 * A seat with its stake and its exits.
 *
 * @example
 * const seat = await l1Client.getSeat({ seatId: 3n });
 */
export async function getSeat(
  client: ReaderLike,
  { contracts, seatId }: GetSeatParameters,
): Promise<GetSeatReturnType> {
  const { lockingPool: address } = await stakingContracts(client, contracts);
  const pool = { address, abi } as const;
  const args = [seatId] as const;
  const [seat, weight, exitIds] = await Promise.all([
    readContract(client, { ...pool, functionName: "sequencers", args }),
    readContract(client, { ...pool, functionName: "weightOf", args }),
    readContract(client, { ...pool, functionName: "exitsOf", args }),
  ]);
  const { status, amount: own, nonce: _, ...rest } = seat;
  if (status === 0) return undefined;
  const exits = await readExits(client, address, exitIds);
  return { seatId, ...rest, status: seatStatuses[status]!, own, weight, exits };
}
