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

/** Whether a contract refused a call or a transaction; `payload.reason` names its custom error. */
export const isRefusal = (error: unknown): error is L1Error =>
  error instanceof L1Error && (error.code === "call-reverted" || error.code === "transaction-reverted");

/** Why a contract refused what is being sent: the name of its custom error; `undefined` when it was mined. Throws all else. */
export async function refusalOf(sending: Promise<unknown>): Promise<string | undefined> {
  try {
    await sending;
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error.payload.reason ?? error.message;
    throw error;
  }
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
