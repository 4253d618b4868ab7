import type { Address } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { delegatingAbi, stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";
import { readExits, type StakeExit } from "./getExit.ts";

export interface FindSeatParameters {
  readonly contracts: StakingRoot;
  readonly owner: Address;
}
export interface FindSeatReturnType {
  /** Of the seat that the account owns now; absent: none. */
  readonly seatId: bigint | undefined;
  /** What the account has in the exit queue, of seats it has left too; newest first. */
  readonly exits: readonly StakeExit[];
}
/** What viem throws when the endpoint does not answer. */
export type FindSeatErrorType = Error;

/** How far back in the pool's exits an account's are looked for. */
const exitsLookedAt = 512n;

/**
 * What an account has in the pool: a seat, and exits, those of its delegations, too. Of the pool's exits the last 512 are
 * looked at for those of a seat's own stake.
 *
 * @example
 * const { seatId } = await l1Client.findSeat({ owner: account.address });
 */
export async function findSeat(
  client: ReaderLike,
  { contracts, owner }: FindSeatParameters,
): Promise<FindSeatReturnType> {
  const { lockingPool: address, delegation } = await stakingContracts(client, contracts);
  const pool = { address, abi } as const;
  const [seatId, last, delegated] = await Promise.all([
    readContract(client, { ...pool, functionName: "seqOwners", args: [owner] }),
    readContract(client, { ...pool, functionName: "totalExits" }),
    readContract(client, { address: delegation, abi: delegatingAbi, functionName: "exitsOf", args: [owner] }),
  ]);
  const count = last < exitsLookedAt ? last : exitsLookedAt;
  const exits = await readExits(client, address, [
    ...new Set([
      ...Array.from({ length: Number(count) }, (_, index) => last - BigInt(index)),
      ...delegated.toReversed(),
    ]),
  ]);
  return {
    seatId: seatId === 0n ? undefined : seatId,
    exits: exits.filter((exit) => exit.owner.toLowerCase() === owner.toLowerCase() && exit.state !== "claimed"),
  };
}
