import type { BlockRef, BlockView } from "@metis/mvm";
import type { BlockInputs, Generation, Hash, L2BlockNumber, Receipt } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { DropReason, Mempool, PooledTransaction } from "../mempool/api.ts";
import { decodeHeader } from "../rpc/header.ts";
import { inLine } from "./line.ts";
import { receiptBlocks } from "./store.ts";
import type { GivenReceipt, ReceiptStore } from "./store.ts";

export interface ReceiptOrderOptions {
  readonly self: Address;
  readonly store: ReceiptStore;
  readonly reader: { head(): BlockRef; block(number: L2BlockNumber): Promise<BlockView | undefined> };
  readonly mempool: Pick<Mempool, "pending" | "drop">;
  /** The generation in which this seat signs. */
  readonly generation: () => Generation;
  /** Highest block that L1 has made final. */
  readonly finalized: () => L2BlockNumber;
}

/** So often the chain may change under one count. */
const maxBegins = 8;

interface Mark {
  readonly number: L2BlockNumber;
  readonly sequence: bigint;
}

/**
 * Keeps this seat's blocks to its receipts: what is offered to a block rises in sequence, from above the highest sequence in this
 * seat's earlier blocks of the chain that it builds on. Rules and proof: docs/spec/receipts.md.
 */
export class ReceiptOrder implements Pick<Mempool, "pending" | "drop"> {
  readonly #options: ReceiptOrderOptions;
  #generation: Generation | undefined;
  /** Last block looked at; its hash is not known where counting begins. */
  #counted: { readonly number: L2BlockNumber; readonly hash: Hash | undefined };
  /** Highest sequences in this seat's blocks up to there, ascending. The first stands for all before it. */
  #marks: readonly Mark[] = [];
  /** Receipts of the generation whose transactions are in no block counted. */
  #waiting = new Map<Hash, GivenReceipt>();
  /** Highest nonce with a receipt. */
  #nonces = new Map<Address, bigint>();
  /** Receipts by transaction among what was offered to the block that is made now. */
  readonly #offered = new Map<Hex, bigint>();

  constructor(options: ReceiptOrderOptions) {
    this.#options = options;
    this.#counted = options.reader.head();
  }

  /** Receipts whose transactions wait for a block. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** What this seat gave `hash` in the present generation and stands by, if anything. */
  receiptOf(hash: Hash): GivenReceipt | undefined {
    const generation = this.#options.generation();
    const receipt = this.#waiting.get(hash) ?? this.#options.store.get(generation, hash);
    return receipt?.generation === generation ? receipt : undefined;
  }

  /** Whether this seat must leave the receipt's transaction out of its next block, and of those after it. */
  isOver(receipt: Receipt): boolean {
    const next = this.#options.reader.head().number + 1n;
    return next > receipt.lastBlock || receipt.sequence <= this.#floor;
  }

  /** Whether the sender has a receipt for a nonce above `nonce`. */
  isBehind(sender: Address, nonce: bigint): boolean {
    return (this.#nonces.get(sender) ?? -1n) > nonce;
  }

  /** Gives `transaction` the next place, durably. It must be one that can be included now. Throws what the store does. */
  give({ hash, sender, transaction: { nonce } }: PooledTransaction): Promise<GivenReceipt> {
    const { store, reader, generation: current } = this.#options;
    const generation = current();
    const firstBlock = store.firstBlock(generation, reader.head().number);
    return store.give(
      { generation, transactionHash: hash, firstBlock, sender, nonce },
      { known: (receipt) => this.#wait(receipt), lost: () => this.#waiting.delete(hash) },
    );
  }

  /** Counts the blocks up to the head. Called before each question about the next block; calls must not overlap. */
  async catchUp(): Promise<void> {
    const { generation, reader } = this.#options;
    if (this.#generation !== generation()) this.#begin();
    for (let begun = 0; !this.#isCounted(reader.head());) {
      const { number } = this.#counted;
      const block = number < reader.head().number ? await reader.block(number + 1n) : undefined;
      if (block && this.#follows(block)) this.#count(block);
      else if (begun++ > maxBegins)
        throw new Error(`block ${number + 1n} is not stored: its receipts cannot be counted`);
      else this.#begin();
    }
    await this.#forget();
  }

  /** Before a proposal for the block after the head is made: no receipt given from now on binds it. */
  async prepare(): Promise<void> {
    await this.catchUp();
    this.#offered.clear();
    await this.#options.store.reserve(this.#options.generation(), this.#options.reader.head().number + 1n);
  }

  /** Whether transactions with receipts were offered since `prepare`: otherwise any block keeps to them. */
  get hasOffered(): boolean {
    return this.#offered.size > 0;
  }

  /** Whether a block made of what was offered since `prepare` keeps to the receipts: looked at before it leaves. */
  isKeptBy({ transactions }: BlockInputs): boolean {
    let last = this.#floor;
    for (const raw of transactions) {
      const sequence = this.#offered.get(raw);
      if (sequence !== undefined && sequence <= last) return false;
      last = sequence ?? last;
    }
    return true;
  }

  /** As the mempool's, in the order that the receipts want, without what was overtaken. */
  pending(baseFee?: bigint): Iterable<PooledTransaction> {
    const all = this.#options.mempool.pending(baseFee);
    return this.#waiting.size === 0 ? all : this.#inOrder(all);
  }

  drop(hash: Hash, reason: DropReason): void {
    this.#options.mempool.drop(hash, reason);
  }

  *#inOrder(all: Iterable<PooledTransaction>): Generator<PooledTransaction> {
    const next = this.#options.reader.head().number + 1n;
    const receiptFor = ({ hash }: PooledTransaction): GivenReceipt | undefined => this.#waiting.get(hash);
    const passedOver = new Set<Address>();
    let last = this.#floor;
    for (const transaction of inLine(all, (entry) => receiptFor(entry)?.sequence)) {
      if (passedOver.has(transaction.sender)) continue;
      const receipt = receiptFor(transaction);
      if (!receipt || !isInForce(receipt, next)) yield transaction;
      else if (receipt.sequence > last) {
        last = receipt.sequence;
        this.#offered.set(transaction.raw, last);
        yield { ...transaction, sequence: last };
      } else {
        passedOver.add(transaction.sender);
        if (receipt.sequence <= this.#floor) this.drop(transaction.hash, "overtaken");
      }
    }
  }

  get #floor(): bigint {
    return this.#marks.at(-1)?.sequence ?? 0n;
  }

  #wait(receipt: GivenReceipt): void {
    this.#waiting.set(receipt.transactionHash, receipt);
    const highest = this.#nonces.get(receipt.sender) ?? -1n;
    if (receipt.nonce > highest) this.#nonces.set(receipt.sender, receipt.nonce);
  }

  #isCounted(head: BlockRef): boolean {
    // Nothing is kept that a block could break.
    if (this.#options.store.count === 0) this.#counted = head;
    const { number, hash = head.hash } = this.#counted;
    return number === head.number && hash === head.hash;
  }

  /** Takes everything up anew from what is on disk: at the start, in another generation, when blocks were taken back. */
  #begin(): void {
    const { store, reader, generation: current } = this.#options;
    const generation = current();
    const { final, oldest } = store;
    const head = reader.head().number;
    const from = oldest === undefined ? head : maximum(final?.number ?? 0n, oldest - 1n);
    this.#counted = { number: from < head ? from : head, hash: undefined };
    this.#marks = final?.generation === generation ? [final] : [];
    this.#waiting = new Map();
    this.#nonces = new Map();
    for (const receipt of store.from(this.#counted.number + 1n))
      if (receipt.generation === generation) this.#wait(receipt);
    this.#generation = generation;
  }

  #follows({ headerRlp }: BlockView): boolean {
    const { hash } = this.#counted;
    return hash === undefined || decodeHeader(headerRlp).parentHash === hash;
  }

  #count({ number, hash, inputs, transactionHashes }: BlockView): void {
    const { self, store } = this.#options;
    const generation = this.#generation ?? 0;
    const isOwn = inputs?.proposer === self && inputs.generation === generation;
    let highest = this.#floor;
    for (const included of transactionHashes) {
      const receipt = this.#waiting.get(included) ?? (isOwn ? store.get(generation, included) : undefined);
      this.#waiting.delete(included);
      if (isOwn && receipt && isInForce(receipt, number)) highest = maximum(highest, receipt.sequence);
    }
    if (highest > this.#floor) this.#marks = [...this.#marks, { number, sequence: highest }];
    this.#counted = { number, hash };
  }

  /** Lets receipts go that ended in blocks which nothing takes back. */
  async #forget(): Promise<void> {
    const { store, finalized } = this.#options;
    const final = finalized();
    const number = final < this.#counted.number ? final : this.#counted.number;
    if (store.oldest === undefined || store.oldest + receiptBlocks - 1n > number) return;
    const past = this.#marks.filter((mark) => mark.number <= number);
    const sequence = past.at(-1)?.sequence ?? 0n;
    await store.forget({ generation: this.#generation ?? 0, number, sequence });
    this.#marks = [{ number, sequence }, ...this.#marks.filter((mark) => mark.number > number)];
    this.#nonces = new Map();
    for (const [name, receipt] of this.#waiting)
      if (receipt.lastBlock <= number) this.#waiting.delete(name);
      else this.#wait(receipt);
  }
}

const isInForce = ({ firstBlock, lastBlock }: Receipt, number: L2BlockNumber): boolean =>
  firstBlock <= number && number <= lastBlock;
const maximum = (a: bigint, b: bigint): bigint => (a > b ? a : b);
