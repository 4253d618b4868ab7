import type { DataHeader, Deposit, Hash, L1BlockNumber } from "@metis/protocol";
import type { Hex } from "viem";

/** An L1 block by name and place. */
export interface L1Ref {
  readonly number: L1BlockNumber;
  readonly hash: Hash;
}

/** A batch that the inbox accepted, read from its logs. */
export interface PostedBatch {
  readonly header: DataHeader;
  readonly batchHash: Hash;
  readonly l1BlockNumber: L1BlockNumber;
  readonly l1BlockHash: Hash;
  readonly versionedHashes: readonly Hash[];
  /** Mode 0 only: the payload from the log. */
  readonly payload: Hex | undefined;
}

/** A deposit with the queue's hash after it. */
export type QueuedDeposit = Deposit & { readonly queueHash: Hash };

/**
 * L1 as derivation reads it; the node provides it. Any two calls may see two L1 chains: the stages check that what they
 * put together is of one. Failures to reach L1 are thrown with the remedy `retry`.
 */
export interface L1Source<Batch extends PostedBatch = PostedBatch> {
  /** The block at that height now; nothing when there is none. */
  block(number: L1BlockNumber): Promise<L1Ref | undefined>;
  /** Headers of the blocks `from..to`, both included, each with its RLP. */
  headers(from: L1BlockNumber, to: L1BlockNumber): Promise<readonly (L1Ref & { readonly rlp: Hex })[]>;
  /** Batches in the blocks `from..to`, in the order of the inbox. */
  batches(from: L1BlockNumber, to: L1BlockNumber): Promise<readonly Batch[]>;
  /** Deposits of the blocks `from..to`, in the order of the queue. */
  deposits(from: L1BlockNumber, to: L1BlockNumber): Promise<readonly QueuedDeposit[]>;
  /** The blob behind a versioned hash, checked against it. */
  blob(versionedHash: Hash, batch: Batch): Promise<Uint8Array>;
}
