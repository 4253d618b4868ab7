import { hexToBigInt, hexToNumber, type Address } from "viem";
import type { ReaderLike } from "../utils/send.ts";
import { withNumbers, type Wire } from "../utils/wire.ts";

/** A member of the set that decides now; counts are since the node's start. */
export interface PoolMemberStatus {
  readonly signer: Address;
  readonly weight: bigint;
  readonly connected: boolean;
  /** At the end of the line of proposers, for it let its turn pass. */
  readonly absent: boolean;
  readonly missedTurns: number;
  /** Certificates with its signature, of those of a set that it was in. */
  readonly signed: number;
  readonly of: number;
}

/** How the pool fares, as a node with a seat sees it (docs/spec/rpc.md, "rollup_poolStatus"). */
export interface PoolStatus {
  /** The node's own signer. */
  readonly self: Address;
  readonly engine: "solo" | "embedded";
  readonly generation: number;
  /** Of the engine, which counts differently from blocks; null before it runs, and always with solo. */
  readonly height: bigint | null;
  readonly round: number;
  readonly leader: Address;
  /** Why nothing can be signed. */
  readonly halted: string | null;
  /** Seconds since the last certificate. */
  readonly signedAge: number;
  readonly missedTurns: number;
  readonly signingFailures: number;
  readonly members: readonly PoolMemberStatus[];
  /** Newest first. */
  readonly blocks: readonly {
    readonly number: bigint;
    readonly proposer?: Address;
    readonly signers: readonly Address[];
    readonly weight: bigint;
    readonly totalWeight: bigint;
  }[];
  /** Turns to come, from an engine height on. */
  readonly calendar: readonly { readonly leader: Address; readonly from: bigint; readonly heights: number }[];
  /** While no batch comes: what L1 counts. Null in a pool that lives, or of one. */
  readonly emergency: PoolEmergency | null;
}

/** A pool that is silent on L1 (docs/spec/below-two-thirds.md). Weights in METIS wei. */
export interface PoolEmergency {
  readonly phase: "live" | "leaking" | "announced" | "ready";
  /** Seconds of L1's clock without a batch. */
  readonly silentFor: number;
  /** Of members with a heartbeat. */
  readonly presentWeight: bigint;
  /** Of all, after decay: what the present have to outweigh by two thirds. */
  readonly countedWeight: bigint;
  readonly totalWeight: bigint;
  /** L1 time from which on the handover may be carried out; null: it is not announced. */
  readonly readyAt: bigint | null;
  /** Highest block that is pinned; 0: none. */
  readonly pinned: bigint | null;
}

/** Null: the node has no seat. */
export type GetPoolStatusReturnType = PoolStatus | null;
/** What viem throws when the endpoint does not answer or has no `rollup_poolStatus`. */
export type GetPoolStatusErrorType = Error;

interface PoolStatusMethod {
  readonly Method: "rollup_poolStatus";
  readonly Parameters?: undefined;
  readonly ReturnType: Wire<Omit<PoolStatus, "generation"> & { readonly generation: bigint }> | null;
}

/**
 * Who leads, who signs and who is away, as one member sees it.
 *
 * @example
 * const { leader, members } = (await l2Client.getPoolStatus())!;
 */
export async function getPoolStatus(client: ReaderLike): Promise<GetPoolStatusReturnType> {
  const wire = await client.request<PoolStatusMethod>({ method: "rollup_poolStatus" });
  if (wire === null) return null;
  return {
    ...wire,
    generation: hexToNumber(wire.generation),
    height: wire.height === null ? null : hexToBigInt(wire.height),
    members: wire.members.map((member) => withNumbers(member, ["weight"])),
    blocks: wire.blocks.map((block) => withNumbers(block, ["number", "weight", "totalWeight"])),
    calendar: wire.calendar.map((turn) => withNumbers(turn, ["from"])),
    emergency: wire.emergency && emergencyOf(wire.emergency),
  };
}

const emergencyOf = ({ readyAt, pinned, ...wire }: Wire<PoolEmergency>): PoolEmergency => ({
  ...withNumbers(wire, ["presentWeight", "countedWeight", "totalWeight"]),
  readyAt: readyAt === null ? null : hexToBigInt(readyAt),
  pinned: pinned === null ? null : hexToBigInt(pinned),
});
