import type { BlockInputs, ChainConfig } from "@metis/protocol";

/** Sizes as the payload counts them; declared here, built on the payload encoder. */
export interface BatchLimits {
  /** Bytes of transactions that the next block may hold after `blocks`, the open batch. */
  room(blocks: readonly BlockInputs[]): number;
  /** Whether another block of maxBlockBytes could take the batch above maxBatchBytes. */
  isFull(blocks: readonly BlockInputs[]): boolean;
}

export type SizeConfig = Pick<ChainConfig, "maxBlockBytes" | "maxBatchBytes">;
