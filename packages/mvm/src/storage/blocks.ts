import type { BlockInputs, Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { equalBytes, toHex } from "../bytes.ts";
import { damaged } from "./file.ts";
import { decodeBody, hashesOfBody } from "./body.ts";
import { hashLength, numberKey, readNumber } from "./keys.ts";
import { glance, type Table } from "./table.ts";
import { TransactionIndex, type Place, type TransactionTables } from "./transactionIndex.ts";

/** A block as it is stored. */
export interface StoredBlock {
  readonly number: number;
  readonly hash: Hash;
  readonly outputRoot: Hash;
  readonly headerRlp: Hex;
  readonly transactions: readonly Hex[];
  readonly transactionHashes: readonly Hash[];
  readonly senders: readonly Address[];
  readonly inputs: BlockInputs | undefined;
  /** Bytes of the RLP of the whole block. */
  readonly size: number;
  /** RLP of their headers; pure mode before the merge alone has any. */
  readonly ommers: readonly Hex[];
  readonly withdrawals:
    | readonly {
        readonly index: bigint;
        readonly validatorIndex: bigint;
        readonly address: Address;
        readonly amount: bigint;
      }[]
    | undefined;
}

export interface StoredHeader {
  readonly hash: Hash;
  readonly outputRoot: Hash;
  readonly headerRlp: Hex;
}

/** A block as its rows hold it: byte strings, 32 bytes for hashes. */
export interface BlockRows {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly outputRoot: Uint8Array;
  readonly headerRlp: Uint8Array;
  /** body.ts. */
  readonly body: Uint8Array;
  readonly receipts: Uint8Array;
  /** One after the other. */
  readonly transactionHashes: Uint8Array;
}

export interface BlockTables extends TransactionTables {
  /** number -> hash ‖ output root ‖ header RLP. */
  readonly headers: Table;
  /** number -> body (body.ts). */
  readonly bodies: Table;
  /** number -> receipts as the kernel gave them. */
  readonly receipts: Table;
  /** block hash -> number. */
  readonly numbers: Table;
}

/** The chain of blocks, by number, and the indexes by hash. Writes belong inside one lmdb transaction. */
export class BlockStore {
  readonly #tables: BlockTables;
  readonly #transactions: TransactionIndex;
  readonly #path: string;
  readonly #head: () => number;

  /** `path`: of the database, for errors. `head`: number of the newest block in the snapshot that reads see. */
  constructor(tables: BlockTables, path: string, head: () => number) {
    this.#tables = tables;
    this.#transactions = new TransactionIndex(tables);
    this.#path = path;
    this.#head = head;
  }

  /** A header alone: what BLOCKHASH reads of a block below a snapshot. */
  putHeader(number: number, header: Pick<BlockRows, "hash" | "outputRoot" | "headerRlp">): void {
    const row = [header.hash, header.outputRoot, header.headerRlp];
    this.#tables.headers.putSync(numberKey(number), Buffer.concat(row));
    this.#tables.numbers.putSync(header.hash, numberKey(number));
  }

  put(block: BlockRows): void {
    const { bodies, receipts } = this.#tables;
    const key = numberKey(block.number);
    this.putHeader(block.number, block);
    bodies.putSync(key, block.body);
    receipts.putSync(key, block.receipts);
    this.#transactions.put(block.number, block.transactionHashes);
  }

  /** Lowest block from which on all are kept; below the block of a snapshot there are headers and the genesis alone. */
  get oldest(): number {
    for (const { key } of this.#tables.bodies.getRange({ start: numberKey(1), limit: 1 })) {
      const first = readNumber(key);
      return first === 1 ? 0 : first;
    }
    return 0;
  }

  /** Removes the newest block. */
  remove(number: number): void {
    const hash = this.hash(number);
    if (hash === undefined) return;
    const key = numberKey(number);
    this.#transactions.remove(number, Uint8Array.from(this.#transactionHashes(number) ?? []));
    this.#tables.numbers.removeSync(hash);
    for (const table of [this.#tables.headers, this.#tables.bodies, this.#tables.receipts]) table.removeSync(key);
  }

  header(number: number): StoredHeader | undefined {
    const row = this.#tables.headers.getBinary(numberKey(number));
    if (row === undefined) return undefined;
    return {
      hash: toHex(row.subarray(0, hashLength)),
      outputRoot: toHex(row.subarray(hashLength, 2 * hashLength)),
      headerRlp: toHex(row.subarray(2 * hashLength)),
    };
  }

  /** 32 bytes. */
  hash(number: number): Uint8Array | undefined {
    return this.#tables.headers.getBinary(numberKey(number))?.subarray(0, hashLength);
  }

  /** Throws `MvmError` "database-corrupt" when its body is not what was written. */
  block(number: number): StoredBlock | undefined {
    const header = this.header(number);
    const body = this.#tables.bodies.getBinary(numberKey(number));
    if (header === undefined || body === undefined) return undefined;
    try {
      return { number, ...header, ...decodeBody(body) };
    } catch (error) {
      throw damaged(this.#path, `the body of block ${number} is not what was written`, error);
    }
  }

  /** Body (body.ts) and receipts as they are stored. */
  rows(number: number): { readonly body: Uint8Array; readonly receipts: Uint8Array } | undefined {
    const body = this.#tables.bodies.getBinary(numberKey(number));
    const receipts = this.#tables.receipts.getBinary(numberKey(number));
    return body && receipts && { body: Uint8Array.from(body), receipts: Uint8Array.from(receipts) };
  }

  receipts(number: number): Uint8Array | undefined {
    return this.#tables.receipts.getBinary(numberKey(number));
  }

  /** Number of the block with this hash on the chain. */
  number(hash: Uint8Array): number | undefined {
    const key = this.#tables.numbers.getBinary(hash);
    return key === undefined ? undefined : readNumber(key);
  }

  /** `hash`: 32 bytes. */
  transaction(hash: Uint8Array): Place | undefined {
    for (const place of this.#transactions.find(hash, this.#head())) {
      const at = place.index * hashLength;
      const found = this.#transactionHashes(place.number)?.subarray(at, at + hashLength);
      if (found !== undefined && equalBytes(found, hash)) return place;
    }
    return undefined;
  }

  /** One after the other: a view that the next read overwrites. */
  #transactionHashes(number: number): Uint8Array | undefined {
    const body = glance(this.#tables.bodies, numberKey(number));
    return body && hashesOfBody(body);
  }

  isCanonical(number: number, hash: Uint8Array): boolean {
    const known = this.hash(number);
    return known !== undefined && equalBytes(known, hash);
  }
}
