import type { Signer } from "@metis/committee";
import type { BlockRef, BlockView } from "@metis/mvm";
import { feeCap, receiptDigest } from "@metis/protocol";
import type { Hash, L2BlockNumber, SigningDomain } from "@metis/protocol";
import type { Mempool, PooledTransaction } from "../mempool/api.ts";
import { nextBaseFee } from "../rpc/blockFees.ts";
import { decodeHeader } from "../rpc/header.ts";
import { ReceiptError } from "./errors.ts";
import type { ReceiptOrder } from "./order.ts";
import type { SignedReceipt } from "./signed.ts";
import type { GivenReceipt, ReceiptStore } from "./store.ts";

/** Receipts kept until L1 is final over their last blocks; beyond them none is given. */
const maxKeptReceipts = 250_000;

export interface ReceiptIssuerOptions {
  readonly signer: Signer;
  readonly domain: SigningDomain;
  readonly order: ReceiptOrder;
  readonly store: Pick<ReceiptStore, "count">;
  readonly mempool: Pick<Mempool, "get" | "pendingNonce">;
  readonly reader: { head(): BlockRef; block(number: L2BlockNumber): Promise<BlockView | undefined> };
  /** Whether it is this seat's turn to propose, and the pool can decide. */
  readonly leads: () => boolean;
}

/** The only way to a receipt's signature: the rules first, the disk second, the key third. */
export class ReceiptIssuer {
  readonly #options: ReceiptIssuerOptions;
  readonly #underWay = new Map<Hash, Promise<GivenReceipt>>();
  #baseFee: { readonly head: Hash; readonly wei: bigint } | undefined;

  constructor(options: ReceiptIssuerOptions) {
    this.#options = options;
  }

  /** A receipt for a transaction in the pool; asked again, the same one. Throws `ReceiptError`, and what the store throws. */
  async give(hash: Hash): Promise<SignedReceipt> {
    const { signer, domain } = this.#options;
    const { sender: _, nonce: __, ...receipt } = await this.#given(hash);
    const signature = await signer.sign(receiptDigest(domain, receipt), { type: "RECEIPT", receipt });
    return { receipt, signer: signer.address, signature };
  }

  async #given(hash: Hash): Promise<GivenReceipt> {
    const { order, leads } = this.#options;
    const baseFee = await this.#nextBaseFee();
    const underWay = this.#underWay.get(hash);
    if (underWay) return underWay;
    if (!leads()) throw new ReceiptError("not-leader", hash);
    const before = order.receiptOf(hash);
    if (before && order.isOver(before)) throw new ReceiptError("overtaken", hash);
    if (before) return before;
    const giving = order.give(this.#fit(hash, baseFee)).finally(() => this.#underWay.delete(hash));
    this.#underWay.set(hash, giving);
    return giving;
  }

  /** The transaction, if it can go into the next block. */
  #fit(hash: Hash, baseFee: bigint): PooledTransaction {
    const { mempool, order, store } = this.#options;
    const entry = mempool.get(hash);
    const nonce = entry?.transaction.nonce ?? 0n;
    const isExecutable = entry !== undefined && nonce < (mempool.pendingNonce(entry.sender) ?? 0n);
    if (!entry || !isExecutable || feeCap(entry.transaction) < baseFee) throw new ReceiptError("has-to-wait", hash);
    if (order.isBehind(entry.sender, nonce)) throw new ReceiptError("later-nonce", hash);
    if (store.count >= maxKeptReceipts) throw new ReceiptError("receipts-full", hash);
    return entry;
  }

  async #nextBaseFee(): Promise<bigint> {
    const { reader } = this.#options;
    const head = reader.head();
    if (this.#baseFee?.head === head.hash) return this.#baseFee.wei;
    const block = await reader.block(head.number);
    const wei = (block && nextBaseFee(decodeHeader(block.headerRlp))) ?? 0n;
    this.#baseFee = { head: head.hash, wei };
    return wei;
  }
}
