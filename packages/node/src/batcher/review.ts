import { DataMode } from "@metis/protocol";
import type { ChainConfig, DataHeader, Generation, Hash, StateClaim } from "@metis/protocol";
import { blobCount, encodeContent, maxCalldataPayload, payloadContent, RollupError } from "@metis/rollup";
import type { PayloadParent } from "@metis/rollup";
import { batchHeader, claimOfBlocks } from "./cut.ts";
import type { BatchBlock, BatchParent, DataForm } from "./cut.ts";
import type { BatchRequest } from "./messages.ts";

const maxBlobs = 6;

/** The next batch as this member's own chain makes it; only the form of its data is the builder's choice. */
export interface OwnBatch {
  readonly config: ChainConfig;
  readonly parent: BatchParent;
  /** That of L1: its blocks may be of an earlier one, when a handover pinned them. */
  readonly generation: Generation;
  /** Hash of the parent's header. */
  readonly parentHash: Hash;
  /** What the payload's differences are relative to. */
  readonly payloadParent: PayloadParent;
  /** Own signed blocks up to the batch end. */
  readonly blocks: readonly BatchBlock[];
  readonly depositQueueHash: Hash;
}

/** Why a member does not sign a batch: a word for metrics, and a sentence. */
export interface Refusal {
  readonly reason: "other-parent" | "bad-mode" | "other-payload" | "other-header" | "other-claim";
  readonly detail: string;
}

const refuse = (reason: Refusal["reason"], detail: string): Refusal => ({ reason, detail });

/** The first rule of docs/spec/pool.md, "Batches", that the place and the data of `request` break. */
export function reviewData(own: OwnBatch, { header, payload }: BatchRequest): Refusal | undefined {
  const index = own.parent.header.batchIndex + 1n;
  if (header.batchIndex !== index || header.parentHash !== own.parentHash)
    return refuse("other-parent", `it is batch ${header.batchIndex} on ${header.parentHash}`);
  if (!isMode(header.dataMode)) return refuse("bad-mode", `data mode ${header.dataMode}`);
  if (header.dataMode === DataMode.calldata && payload.length > maxCalldataPayload)
    return refuse("bad-mode", `${payload.length} bytes are too many for calldata`);
  if (header.dataMode === DataMode.blobs && blobCount(payload.length) > maxBlobs)
    return refuse("bad-mode", `${payload.length} bytes are too many for blobs`);
  return reviewContent(own, payload);
}

/** Another zlib may deflate to other bytes; what they inflate to has one form only. */
function reviewContent({ config, payloadParent, blocks }: OwnBatch, payload: Uint8Array): Refusal | undefined {
  const content = encodeContent(config.l2ChainId, payloadParent, blocks);
  try {
    const theirs = payloadContent(payload, content.length);
    return Buffer.compare(theirs, content) === 0
      ? undefined
      : refuse("other-payload", "the payload holds other blocks or output roots");
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    return refuse("other-payload", error.message);
  }
}

/** Whether header and claim are those of the own blocks. `versionedHashes`: of blobs that this member made of the payload itself. */
export function reviewStructs(
  own: OwnBatch,
  { header, claim, payload }: BatchRequest,
  versionedHashes: readonly Hash[],
): Refusal | undefined {
  const { blocks, parent } = own;
  if (!isMode(header.dataMode)) return refuse("bad-mode", `data mode ${header.dataMode}`);
  const form = { mode: header.dataMode, versionedHashes };
  const ownHeader = batchHeader(own, payload, form);
  const inHeader = differing(ownHeader, header);
  if (inHeader !== undefined) return refuse("other-header", `${inHeader} of the header`);
  return reviewClaim(claimOfBlocks(ownHeader, parent, blocks), claim);
}

/** Whether `claim` is the one of the own execution. */
export function reviewClaim(own: StateClaim, claim: StateClaim): Refusal | undefined {
  const field = differing(own, claim);
  return field === undefined ? undefined : refuse("other-claim", `${field} of the claim`);
}

const isMode = (mode: number): mode is DataForm["mode"] => mode === DataMode.calldata || mode === DataMode.blobs;

/** The first field in which two structs of one kind differ. */
function differing<T extends DataHeader | StateClaim>(own: T, theirs: T): string | undefined {
  return (Object.keys(own) as (keyof T & string)[]).find((field) => own[field] !== theirs[field]);
}
