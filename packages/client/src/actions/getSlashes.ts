import { slashingManagerAbi as abi } from "@metis/protocol/contracts";
import type { Address } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetSlashesParameters {
  readonly contracts: StakingRoot;
  /** Those of one seat; all unless given. */
  readonly seatId?: bigint;
}

/** Names of `Offence` and `SlashStatus` in ISlashingManager.sol, by value. */
const offences = ["none", "equivocation", "broken-order", "absence", "wrong-claim", "silence", "broken-pin"] as const;
const states = ["none", "in-escrow", "refunded", "released"] as const;

export interface SeatSlash {
  readonly slashId: bigint;
  readonly seatId: bigint;
  readonly offence: (typeof offences)[number];
  readonly state: (typeof states)[number];
  /** METIS wei that it took of the owner's, the delegators' and the exiting stake. */
  readonly own: bigint;
  readonly delegated: bigint;
  readonly exiting: bigint;
  /** Of that, METIS wei that did not go to the reporter. */
  readonly escrowed: bigint;
  /** Seconds of L1's clock: until then the council may give it back. */
  readonly releaseAt: bigint;
  /** Of the seat, when it was slashed. */
  readonly owner: Address;
}
/** Oldest first. */
export type GetSlashesReturnType = readonly SeatSlash[];
/** What viem throws when the endpoint does not answer. */
export type GetSlashesErrorType = Error;

/**
 * Every slash, or those of a seat, and what became of it.
 *
 * @example
 * const slashes = await l1Client.getSlashes({ seatId: 3n });
 */
export async function getSlashes(
  client: ReaderLike,
  { contracts, seatId }: GetSlashesParameters,
): Promise<GetSlashesReturnType> {
  const { slashingManager: address } = await stakingContracts(client, contracts);
  const count = await readContract(client, { address, abi, functionName: "totalSlashes" });
  const slashIds = Array.from({ length: Number(count) }, (_, index) => BigInt(index + 1));
  const slashes = await Promise.all(
    slashIds.map(async (slashId): Promise<SeatSlash> => {
      const slash = await readContract(client, { address, abi, functionName: "slashOf", args: [slashId] });
      return {
        slashId,
        seatId: slash.seqId,
        offence: offences[slash.offence] ?? "none",
        state: states[slash.status] ?? "none",
        own: slash.own,
        delegated: slash.delegated,
        exiting: slash.exiting,
        escrowed: slash.amount,
        releaseAt: slash.releaseAt,
        owner: slash.owner,
      };
    }),
  );
  return slashes.filter((slash) => seatId === undefined || slash.seatId === seatId);
}
