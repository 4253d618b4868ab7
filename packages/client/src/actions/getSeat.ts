import type { Address, Hex } from "viem";
import { getBlock, readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetSeatParameters {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
}

/** As LockingPool counts them. */
export const seatStatuses = ["unavailable", "left", "active", "tombstoned"] as const;
export type SeatStatus = (typeof seatStatuses)[number];

/** Stake on its way out. */
export interface StakeExit {
  readonly exitId: bigint;
  readonly owner: Address;
  /** METIS wei that a claim pays now; zero once claimed. */
  readonly amount: bigint;
  /**
   * - `queued`: the set that no longer counts it is not frozen yet;
   * - `waiting`: the exit delay runs;
   * - `unsettled`: a batch of an epoch that it served is not settled;
   * - `claimable`, `claimed`, and `slashed`: nothing is left.
   */
  readonly state: "queued" | "waiting" | "unsettled" | "claimable" | "claimed" | "slashed";
  /** Of L1's clock; absent while queued. */
  readonly claimableAt?: bigint;
  /** Zero when only settlement is waited for; absent while queued. */
  readonly secondsLeft?: number;
}

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

/** Exits by their ids, in that order. */
export async function readExits(
  client: ReaderLike,
  lockingPool: Address,
  exitIds: readonly bigint[],
): Promise<readonly StakeExit[]> {
  if (exitIds.length === 0) return [];
  const { timestamp: now } = await getBlock(client);
  return Promise.all(
    exitIds.map(async (exitId) => {
      const exit = await readContract(client, { address: lockingPool, abi, functionName: "exitOf", args: [exitId] });
      const { owner, amount, claimableAt, claimed, settled } = exit;
      if (claimed) return { exitId, owner, amount, state: "claimed" };
      if (claimableAt === 0n) return { exitId, owner, amount, state: amount === 0n ? "slashed" : "queued" };
      const secondsLeft = claimableAt > now ? Number(claimableAt - now) : 0;
      const ripe = secondsLeft > 0 ? "waiting" : settled ? "claimable" : "unsettled";
      return { exitId, owner, amount, state: amount === 0n ? "slashed" : ripe, claimableAt, secondsLeft };
    }),
  );
}
