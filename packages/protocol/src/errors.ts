/**
 * What the caller of a failed operation does next.
 * - `retry`: nothing is wrong with the request; the same call may pass later.
 * - `reset`: what was assumed no longer holds (a reorg, say): go back to the last common point and start over.
 * - `halt`: going on would do harm: stop and tell the operator.
 * - `reject`: the input is wrong; the same input never passes. Nothing was changed.
 */
export type Remedy = "retry" | "reset" | "halt" | "reject";

/** Base of every error thrown on purpose: branch on `code`, never on the text of `message`. */
export class MetisError<Code extends string = string, Payload extends object = object> extends Error {
  override readonly name: string = "MetisError";
  /** Stable word in kebab-case. */
  readonly code: Code;
  readonly remedy: Remedy;
  /** What a program needs to act on the error. */
  readonly payload: Payload;

  constructor(code: Code, remedy: Remedy, message: string, payload: Payload, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
    this.payload = payload;
  }
}

/** The remedy an unknown thrown value asks for. What is not a `MetisError` is a bug, hence `halt`. */
export const remedyOf = (error: unknown): Remedy => (error instanceof MetisError ? error.remedy : "halt");
