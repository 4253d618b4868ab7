import { MetisError } from "@metis/protocol";

export type BatcherErrorCode = "parent-moved" | "not-yet" | "anchor-missing" | "refused" | "inconsistent";

/** Why a batch is not on L1 yet. */
export class BatcherError extends MetisError<BatcherErrorCode> {
  override readonly name = "BatcherError";
}
