import type { BlockRef } from "@metis/mvm";

/** The heads of the chain as this node sees them, in falling order: unsafe >= signed >= safe >= finalized. */
export interface Heads {
  /** Executed, not yet certified. */
  readonly unsafe: BlockRef;
  /** Certified by the pool. */
  readonly signed: BlockRef;
  /** In a batch on L1. */
  readonly safe: BlockRef;
  /** In a batch that is final on L1. */
  readonly finalized: BlockRef;
}

/** Declared by those who read heads; the node's chain service implements it. */
export interface HeadView {
  heads(): Heads;
  /** Calls back after each change, blocks already readable through `MvmReader`. Returns what ends it. */
  subscribe(listener: (heads: Heads) => void): () => void;
}

/** Which head `latest` names. */
export type LatestHead = "signed" | "unsafe";
