import { MetisError } from "@metis/protocol";
import type { Hash } from "@metis/protocol";

export type ReceiptErrorCode =
  /** Another seat leads now: ask again, which asks the one that leads. */
  | "not-leader"
  /** No link to the leader, or the pool cannot decide anything now. */
  | "leader-unreachable"
  /** The leader did not answer in time. */
  | "receipt-timeout"
  /** An earlier nonce is missing, or the fee cap is below the next base fee. */
  | "has-to-wait"
  /** A transaction of the sender with a later nonce has a receipt. */
  | "later-nonce"
  /** Its receipt was overtaken by one with a higher sequence: this leader leaves it to the others. */
  | "overtaken"
  /** The leader keeps as many receipts as it may until L1 is final. */
  | "receipts-full";

/** Why a transaction, which is in the pool and stays there, gets no receipt. */
export class ReceiptError extends MetisError<ReceiptErrorCode, { readonly transactionHash: Hash }> {
  override readonly name = "ReceiptError";

  constructor(code: ReceiptErrorCode, transactionHash: Hash) {
    const { remedy, message } = reasons[code];
    super(code, remedy, `no receipt: ${message}. The transaction is in the pool`, { transactionHash });
  }
}

const reasons = {
  "not-leader": { remedy: "retry", message: "the leader has changed; ask again" },
  "leader-unreachable": { remedy: "retry", message: "the leader cannot be reached now; ask again in a second" },
  "receipt-timeout": { remedy: "retry", message: "the leader has not answered in time; ask again" },
  "has-to-wait": {
    remedy: "retry",
    message: "the transaction cannot go into the next block: it waits for an earlier nonce, or for a lower base fee",
  },
  "later-nonce": {
    remedy: "reject",
    message: "a transaction of the sender with a later nonce has a receipt, so this one can get none",
  },
  overtaken: {
    remedy: "reject",
    message: "the transaction's receipt was overtaken; the next leader includes it, or replace it",
  },
  "receipts-full": { remedy: "retry", message: "the leader keeps as many receipts as it may; ask again later" },
} as const;

export const isReceiptErrorCode = (code: string): code is ReceiptErrorCode => Object.hasOwn(reasons, code);
