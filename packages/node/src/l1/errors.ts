import { MetisError } from "@metis/protocol";

export type L1ErrorCode =
  | "l1-unavailable"
  | "l1-refused"
  | "l1-wrong-chain"
  | "l1-header-mismatch"
  | "l1-block-unknown"
  | "deposits-inconsistent"
  | "blob-unavailable"
  | "call-reverted"
  | "transaction-reverted"
  | "nonce-taken"
  | "fee-limit";

/** What goes wrong at the border to L1. `payload.reason` of `call-reverted` is the name of the contract's custom error. */
export class L1Error extends MetisError<L1ErrorCode, L1ErrorPayload> {
  override readonly name = "L1Error";
}

export interface L1ErrorPayload {
  readonly method?: string;
  /** Name of a custom error, or the node's words when there is none. */
  readonly reason?: string;
  readonly args?: readonly unknown[];
  readonly [key: string]: unknown;
}

/** A pass that ends quietly when L1 does not answer: the client has said so once, and the loop comes back by itself. */
export const whenL1Answers =
  <T>(pass: (signal: AbortSignal) => Promise<T>) =>
  async (signal: AbortSignal): Promise<T | undefined> => {
    try {
      return await pass(signal);
    } catch (error) {
      if (error instanceof L1Error && error.code === "l1-unavailable") return undefined;
      throw error;
    }
  };
