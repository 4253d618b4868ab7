import { hexToBigInt, hexToNumber, type Hash, type Hex } from "viem";
import type { ReaderLike } from "../utils/send.ts";

/** A block by number and hash. */
export interface HeadReference {
  readonly number: bigint;
  readonly hash: Hash;
}

/** How a node sees its chain (docs/spec/rpc.md, "rollup_syncStatus"). */
export interface SyncStatus {
  /** The L1 block up to which the node has looked; null before the first. */
  readonly l1: HeadReference | null;
  /** Executed here. */
  readonly unsafe: HeadReference;
  /** Certified by more than two thirds. */
  readonly signed: HeadReference;
  /** In a batch on L1. */
  readonly safe: HeadReference;
  /** In a batch whose L1 block is final. */
  readonly finalized: HeadReference;
  readonly generation: number;
  /** Why this node does not sign, if it does not. */
  readonly signing: { readonly may: boolean; readonly reason?: string };
  /** On a replica that follows signed blocks; null on other nodes. */
  readonly feed: FeedStatus | null;
}

/** How a replica fares with the feeds that it was given. */
export interface FeedStatus {
  /** Host of the feed that is followed, or was tried last. */
  readonly from: string | null;
  readonly state: "connecting" | "following" | "waiting";
  /** Why no block is taken over at present. */
  readonly reason: string | null;
  /** Blocks that the feed has signed and this node has not. */
  readonly lagBlocks: bigint;
  /** Age of the signed head in seconds. */
  readonly lagSeconds: number;
  /** The last answer that was refused. */
  readonly refused: { readonly from: string; readonly code: string; readonly reason: string } | null;
}

export type GetSyncStatusReturnType = SyncStatus;
/** What viem throws when the endpoint does not answer or has no `rollup_syncStatus`. */
export type GetSyncStatusErrorType = Error;

interface WireHead {
  readonly number: Hex;
  readonly hash: Hash;
}
interface WireStatus {
  readonly l1: WireHead | null;
  readonly unsafe: WireHead;
  readonly signed: WireHead;
  readonly safe: WireHead;
  readonly finalized: WireHead;
  readonly generation: Hex;
  readonly signing: SyncStatus["signing"];
  readonly feed?:
    | (Omit<FeedStatus, "lagBlocks" | "lagSeconds"> & Readonly<Record<"lagBlocks" | "lagSeconds", Hex>>)
    | null;
}
interface SyncStatusMethod {
  readonly Method: "rollup_syncStatus";
  readonly Parameters?: undefined;
  readonly ReturnType: WireStatus;
}

const head = ({ number, hash }: WireHead): HeadReference => ({ number: hexToBigInt(number), hash });

/**
 * The heads of a node, and whether it signs.
 *
 * @example
 * const { signed, safe } = await l2Client.getSyncStatus();
 */
export async function getSyncStatus(client: ReaderLike): Promise<GetSyncStatusReturnType> {
  const wire = await client.request<SyncStatusMethod>({ method: "rollup_syncStatus" });
  return {
    l1: wire.l1 && head(wire.l1),
    unsafe: head(wire.unsafe),
    signed: head(wire.signed),
    safe: head(wire.safe),
    finalized: head(wire.finalized),
    generation: hexToNumber(wire.generation),
    signing: wire.signing,
    feed: wire.feed
      ? { ...wire.feed, lagBlocks: hexToBigInt(wire.feed.lagBlocks), lagSeconds: hexToNumber(wire.feed.lagSeconds) }
      : null,
  };
}
