import type { BlockInputs, DataHeader, Deposit, Generation, Hash, L2BlockNumber, Timestamp } from "@metis/protocol";
import type { Hex } from "viem";

/** The data of a batch as L1 has it. */
export type BatchData =
  | { readonly kind: "none" }
  | { readonly kind: "payload"; readonly payload: Uint8Array }
  /** 131,072 bytes each, matched with their versioned hashes. */
  | { readonly kind: "blobs"; readonly blobs: readonly Uint8Array[] };

/** Everything the meaning of a batch depends on (docs/spec/derivation.md, "Interface"). */
export interface DeriveRequest {
  readonly parent: { readonly number: L2BlockNumber; readonly time: Timestamp; readonly generation: Generation };
  readonly parentHeader: DataHeader;
  readonly header: DataHeader;
  readonly data: BatchData;
  /** `parentHeader.depositCount <= index < header.depositCount`. */
  readonly deposits: readonly Deposit[];
  /** RLP of the L1 headers from the parent header's anchor to the header's, both included. */
  readonly anchorHeaders: readonly Hex[];
}

/** What a batch derives to. */
export interface DerivedInputs {
  /** Why the blocks are deposits-only; absent when the payload is good. */
  readonly reason: string | undefined;
  readonly blocks: readonly BlockInputs[];
  /** As the payload claims them, one a block; empty when it is bad. */
  readonly claimedOutputs: readonly Hash[];
}

/** The one deciding step, run in the kernel. */
export type Deriver = (request: DeriveRequest) => Promise<DerivedInputs>;
