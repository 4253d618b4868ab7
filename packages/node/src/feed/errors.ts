import { MetisError } from "@metis/protocol";

/**
 * What is wrong with what a feed says. `reject`: it lies or is broken, another one is asked. `retry`: it may be right, and this
 * node cannot tell yet.
 */
export type FeedErrorCode =
  /** Not an encoded signed block, or not the answer that was asked for. */
  | "malformed"
  /** Not the block that follows. */
  | "out-of-order"
  /** Inputs and attestation are of two blocks. */
  | "inputs-differ"
  | "wrong-epoch"
  /** Signed in a generation that L1 went past. */
  | "generation-behind"
  | "certificate-invalid"
  /** No honest member votes for such a block. */
  | "rule-broken"
  /** Its inputs lead to another block here than the attested one. */
  | "execution-differs"
  /** Signed in a generation that this node has not seen on L1. */
  | "generation-ahead"
  /** Its anchor is not on L1 as this node sees it. */
  | "anchor-unknown"
  /** The feed has no certificate for the next block although it is past it. */
  | "unserved"
  /** This node has an uncertified block in its place, which only L1 can take back. */
  | "held-otherwise"
  /** The chain moved while the block was checked. */
  | "moved"
  /** Another feed has a block that this one keeps quiet about. */
  | "withheld";

export interface FeedErrorPayload {
  readonly number?: bigint;
  readonly [key: string]: unknown;
}

export class FeedError extends MetisError<FeedErrorCode, FeedErrorPayload> {
  override readonly name = "FeedError";
}

/** A block that is refused for good. */
export const refused = (code: FeedErrorCode, number: bigint | undefined, why: string, cause?: unknown): FeedError => {
  const which = number === undefined ? "a block of the feed" : `block ${number} of the feed`;
  return new FeedError(code, "reject", `${which}: ${why}`, number === undefined ? {} : { number }, { cause });
};

/** Nothing to blame anybody for yet. */
export const notYet = (code: FeedErrorCode, number: bigint, why: string): FeedError =>
  new FeedError(code, "retry", `block ${number} of the feed: ${why}`, { number });
