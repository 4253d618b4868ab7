import { MetisError, type Remedy } from "@metis/protocol";

export type RollupErrorCode =
  /** Blocks that no payload can carry: a bug of the caller. */
  | "not-encodable"
  /** A payload, blobs or a kernel's answer that is not what the spec says. */
  | "malformed"
  /** L1 is another chain than the one derived from so far. */
  | "l1-reorg"
  /** Data that L1 or a storage node should have is not there yet. */
  | "data-unavailable"
  /** L1 says what no L1 with these contracts can say, or the genesis is another. */
  | "inconsistent";

/** What can go wrong between L1 data and block inputs. */
export class RollupError extends MetisError<RollupErrorCode, Readonly<Record<string, unknown>>> {
  constructor(
    code: RollupErrorCode,
    remedy: Remedy,
    message: string,
    payload: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(code, remedy, message, payload, options);
  }
}
