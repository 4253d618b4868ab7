import { blockRlp, type BlockId, type BlockRef, type BlockView, type MvmReader, type ReceiptView } from "@metis/mvm";
import { decodeTransaction, type Hash, type Transaction } from "@metis/protocol";
import { RpcError, rpcCodes } from "@metis/runtime";
import { keccak256, type Address, type Hex } from "viem";
import type { EthContext } from "./context.ts";
import {
  formatBlock,
  formatHeader,
  formatReceipt,
  formatTransaction,
  quantity,
  type Json,
  type JsonObject,
  type Place,
} from "./format.ts";
import { decodeHeader, type Header } from "./header.ts";
import type { BlockSelector } from "./params.ts";
import { blobGasPrice } from "./blockFees.ts";

/** Finds what a client names and shows it. Blocks above `latest` are not shown by number. */
export class Blocks {
  readonly #reader: MvmReader;
  readonly #context: EthContext;
  /** Asked for last: wallets that wait for a block each want one receipt of it, and decoding a full block takes 10 ms. */
  #receipts: { readonly hash: Hash; readonly list: readonly ReceiptView[] } | undefined;

  constructor(context: EthContext) {
    this.#context = context;
    this.#reader = context.reader;
  }

  /** The block that `latest` names. */
  latest(): BlockRef {
    return this.#context.heads.heads()[this.#context.options["eth.latest"]];
  }

  /** The header of the latest block. */
  async latestHeader(): Promise<Header> {
    const { hash } = this.latest();
    const block = await this.#reader.block({ hash });
    if (!block) throw headerNotFound();
    return decodeHeader(block.headerRlp);
  }

  /** How the reader calls the block; `undefined` when it is beyond the head. */
  id(selector: BlockSelector): BlockId | undefined {
    if ("hash" in selector) return { hash: selector.hash };
    if ("number" in selector) return selector.number <= this.latest().number ? selector.number : undefined;
    if (selector.tag === "earliest") return 0n;
    if (selector.tag === "latest") return { hash: this.latest().hash };
    const heads = this.#context.heads.heads();
    return { hash: heads[selector.tag === "pending" ? "unsafe" : selector.tag].hash };
  }

  async find(selector: BlockSelector): Promise<BlockView | undefined> {
    const id = this.id(selector);
    return id === undefined ? undefined : this.#reader.block(id);
  }

  /** The block whose state is asked for. Throws -32000 `header not found`, as geth does. */
  async stateId(selector: BlockSelector): Promise<BlockId> {
    const id = this.id(selector);
    if (id === undefined) throw headerNotFound();
    if (!("hash" in selector)) return id;
    const block = await this.#reader.block(id);
    if (!block) throw new RpcError(rpcCodes.serverError, "header for hash not found");
    if (selector.requireCanonical) {
      const canonical = await this.#reader.block(block.number);
      if (canonical?.hash !== block.hash) throw new RpcError(rpcCodes.serverError, "hash is not currently canonical");
    }
    return id;
  }

  /** A block with transaction hashes or whole transactions. */
  show(block: BlockView, full: boolean): JsonObject {
    const header = decodeHeader(block.headerRlp);
    if (!full) return formatBlock(block, header, block.transactionHashes);
    const transactions = block.transactions.map((raw, index) => {
      const from = block.senders[index] ?? missing("sender", block.hash);
      return formatTransaction(decodeRaw(raw), from, placeOf(block, header, index));
    });
    return formatBlock(block, header, transactions);
  }

  showHeader(block: BlockView | undefined): JsonObject | null {
    return block ? formatHeader(decodeHeader(block.headerRlp), block.hash) : null;
  }

  /** The ommer at `index` of `block`, as the block without a body that it is. */
  showOmmer(block: BlockView | undefined, index: bigint): JsonObject | null {
    const headerRlp = block?.ommers[Number(index)];
    if (headerRlp === undefined) return null;
    const size = (blockRlp({ headerRlp, transactions: [], ommers: [], withdrawals: undefined }).length - 2) / 2;
    return { ...formatHeader(decodeHeader(headerRlp), keccak256(headerRlp)), size: quantity(size), uncles: [] };
  }

  /** The transaction at `index` of `block`. */
  showTransaction(block: BlockView, index: number): Json {
    const raw = block.transactions[index];
    const from = block.senders[index];
    if (raw === undefined || from === undefined) return null;
    return formatTransaction(decodeRaw(raw), from, placeOf(block, decodeHeader(block.headerRlp), index));
  }

  /** Receipts of `block`, or the one at `only`. */
  async showReceipts(block: BlockView, only?: number): Promise<JsonObject[]> {
    const receipts = await this.#receiptsOf(block.hash);
    const header = decodeHeader(block.headerRlp);
    const price = blobGasPrice(header, this.#context.schedule);
    const shown: JsonObject[] = [];
    let firstLogIndex = 0;
    for (const [index, receipt] of receipts.entries()) {
      if (only === undefined || only === index) {
        const transaction = decodeRaw(block.transactions[index] ?? missing("transaction", block.hash));
        const place = placeOf(block, header, index);
        const hasL1Fee = !this.#context.pure;
        shown.push(formatReceipt(receipt, { place, transaction, firstLogIndex, hasL1Fee, blobGasPrice: price }));
      }
      firstLogIndex += receipt.logs.length;
    }
    return shown;
  }

  async #receiptsOf(hash: Hash): Promise<readonly ReceiptView[]> {
    if (this.#receipts?.hash === hash) return this.#receipts.list;
    const list = await this.#reader.receipts({ hash });
    if (list) this.#receipts = { hash, list };
    return list ?? [];
  }

  /** Where a transaction was included, unless that block is above `latest`. */
  async locate(hash: Hash): Promise<{ readonly block: BlockView; readonly index: number } | undefined> {
    const found = await this.#reader.transaction(hash);
    if (!found || found.block.number > this.latest().number) return undefined;
    const block = await this.#reader.block({ hash: found.block.hash });
    return block && { block, index: found.index };
  }
}

/** Where the transaction at `index` stands. */
export const placeOf = (block: Pick<BlockView, "hash" | "number">, header: Header, index: number): Place => ({
  blockHash: block.hash,
  blockNumber: block.number,
  timestamp: header.timestamp,
  index,
  baseFee: header.baseFeePerGas,
});

export const decodeRaw = (raw: Hex): Transaction => decodeTransaction(Buffer.from(raw.slice(2), "hex"));

const headerNotFound = (): RpcError => new RpcError(rpcCodes.serverError, "header not found");

const missing = (what: string, hash: Hash): Address => {
  throw new Error(`block ${hash} lacks a ${what}`);
};
