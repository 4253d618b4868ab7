import { MetisError, type Remedy } from "@metis/protocol";

export type RollupErrorCode =
  /** Blocks that no payload can carry: a bug of the caller. */
  | "not-encodable"
  /** A payload or blobs that are not what the spec says. */
  | "malformed"
  /** L1 is another chain than the one read so far. */
  | "l1-reorg"
  /** What the inbox accepted is not, or not all, to be had yet. */
  | "l1-incomplete"
  /** The inbox on L1 is of another chain than the one configured. */
  | "wrong-chain";

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
