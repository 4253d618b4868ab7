import type { Address } from "viem";
import type { ReaderLike } from "../utils/send.ts";
import { withNumbers, type Wire } from "../utils/wire.ts";
import type { SeatSlash } from "./getSlashes.ts";

/** What a member of the present set did in the epochs that are over. */
export interface PoolMemberRecord {
  readonly seatId: bigint;
  readonly signer: Address;
  /** METIS wei. */
  readonly weight: bigint;
  /** Blocks that were counted in epochs of its, and those of them that it proposed and attested. */
  readonly blocks: bigint;
  readonly proposed: bigint;
  readonly attested: bigint;
  /** Percent of the blocks; null: nothing was counted. */
  readonly uptime: number | null;
  /** Percent of its weight a year, before commission; null: nothing was counted. */
  readonly apr: number | null;
  /** METIS wei: its part of those epochs' fees, before commission. */
  readonly fees: bigint;
  /** Oldest first; `taken` in METIS wei. */
  readonly slashes: readonly (Pick<SeatSlash, "slashId" | "offence"> & { readonly taken: bigint })[];
}

/** What the members of the present set did in the last epochs, and what that earns them (docs/spec/rpc.md, "rollup_poolRewards"). */
export interface PoolRewards {
  readonly epoch: bigint;
  /** The first of the epochs that the records are about; the last is the one before `epoch`. */
  readonly firstEpoch: bigint;
  /** Percent a year of what is locked. */
  readonly rate: number;
  /** METIS wei that an epoch pays at most. */
  readonly epochReward: bigint;
  /** METIS wei that L2 took in in those epochs: for members, and for posting. */
  readonly fees: bigint;
  readonly l1Fees: bigint;
  /** METIS wei in the posters' vault, and what of it is set aside for epochs that are settled. */
  readonly posters: { readonly held: bigint; readonly granted: bigint };
  readonly members: readonly PoolMemberRecord[];
}

export type GetPoolRewardsReturnType = PoolRewards;
/** What viem throws when the endpoint does not answer or has no `rollup_poolRewards`. */
export type GetPoolRewardsErrorType = Error;

interface PoolRewardsMethod {
  readonly Method: "rollup_poolRewards";
  readonly Parameters?: undefined;
  readonly ReturnType: Wire<PoolRewards>;
}

/**
 * How reliable the members of the pool are, and what they earn.
 *
 * @example
 * const { members } = await l2Client.getPoolRewards();
 */
export async function getPoolRewards(client: ReaderLike): Promise<GetPoolRewardsReturnType> {
  const wire = await client.request<PoolRewardsMethod>({ method: "rollup_poolRewards" });
  return {
    ...withNumbers(wire, ["epoch", "firstEpoch", "epochReward", "fees", "l1Fees"]),
    posters: withNumbers(wire.posters, ["held", "granted"]),
    members: wire.members.map(memberOf),
  };
}

function memberOf({ slashes, ...wire }: Wire<PoolMemberRecord>): PoolMemberRecord {
  const member = withNumbers(wire, ["seatId", "weight", "blocks", "proposed", "attested", "fees"]);
  return { ...member, slashes: slashes.map((slash) => withNumbers(slash, ["slashId", "taken"])) };
}
