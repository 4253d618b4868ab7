import type { Hash } from "@metis/protocol";
import type { L1Source } from "@metis/rollup";
import type { BatchReader, PostedBatch } from "../l1/batches.ts";
import type { L1Client } from "../l1/client.ts";
import type { DepositReader } from "../l1/deposits.ts";

/** Finds the blob behind a versioned hash; throws `blob-unavailable` (retry). */
export type BlobReader = (versionedHash: Hash, near: PostedBatch) => Promise<Uint8Array>;

/** L1 as the pipeline reads it, over this node's readers. */
export const l1Source = (
  l1: L1Client,
  batches: BatchReader,
  deposits: DepositReader,
  blob: BlobReader,
): L1Source<PostedBatch> => ({
  block: (number) => l1.block(number),
  headers: (from, to) => l1.headers(from, to),
  batches: async (from, to) => (await batches.range(from, to)).batches,
  deposits: (from, to) => deposits.range(from, to),
  blob,
});
