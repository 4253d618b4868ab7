import type { Hash, SignedTransaction } from "@metis/protocol";
import type { Address, Hex } from "viem";

/** A transaction in the pool. */
export interface PooledTransaction {
  readonly hash: Hash;
  readonly raw: Hex;
  readonly sender: Address;
  readonly transaction: SignedTransaction;
  /** Size of `raw` in bytes. */
  readonly size: number;
  /** Place in the order of arrival; a replacement keeps the place of what it replaced. */
  readonly arrival: number;
  /** Clock milliseconds of arrival. */
  readonly addedAt: number;
  /** Most that it can take from the sender's balance: gas at the fee cap, value and an upper bound of the L1 fee. */
  readonly cost: bigint;
  /** Of the receipt that binds the block it is offered to (docs/spec/receipts.md). */
  readonly sequence?: bigint;
}

export type DropReason =
  | "included"
  | "replaced"
  | "expired"
  | "evicted"
  | "nonce-too-low"
  | "insufficient-funds"
  | "overtaken"
  | "refused-by-builder";

export type MempoolEvent =
  /** It can go into the next block: nonce and balance fit. */
  | { readonly kind: "pending"; readonly transaction: PooledTransaction }
  | { readonly kind: "dropped"; readonly transaction: PooledTransaction; readonly reason: DropReason };

/** Transactions that wait for a block. Errors are `MempoolError`. */
export interface Mempool {
  /** Checks and takes a signed transaction (EIP-2718 bytes). Resolves to its hash when it is in the pool. */
  add(raw: Hex): Promise<Hash>;
  /**
   * Executable transactions in order of arrival, nonces of a sender ascending. A snapshot: safe while the pool changes.
   * With `baseFee`, a sender's transactions end before the first one that would not pay it.
   */
  pending(baseFee?: bigint): Iterable<PooledTransaction>;
  get(hash: Hash): PooledTransaction | undefined;
  /** Nonce after the sender's executable transactions; `undefined` when it has none here. */
  pendingNonce(sender: Address): bigint | undefined;
  /** The builder tried the transaction and it can never be included as things stand. */
  drop(hash: Hash, reason: DropReason): void;
  /** Takes back transactions of blocks that are no longer part of the chain. Those that no longer fit are left out. */
  reinsert(raws: readonly Hex[]): Promise<void>;
  counts(): { readonly pending: number; readonly queued: number };
  content(): { readonly pending: readonly PooledTransaction[]; readonly queued: readonly PooledTransaction[] };
  subscribe(listener: (event: MempoolEvent) => void): () => void;
}
