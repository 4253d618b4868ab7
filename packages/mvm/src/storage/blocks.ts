import type { BlockInputs, Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { equalBytes, fromHex, toHex } from "../bytes.ts";
import { damaged } from "./file.ts";
import { decodeBody } from "./body.ts";
import { hashLength, numberKey, numberLength, readNumber } from "./keys.ts";
import type { Table } from "./table.ts";

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

export interface BlockTables {
  /** number -> hash ‖ output root ‖ header RLP. */
  readonly headers: Table;
  /** number -> body (body.ts). */
  readonly bodies: Table;
  /** number -> receipts as the kernel gave them. */
  readonly receipts: Table;
  /** block hash -> number. */
  readonly numbers: Table;
  /** transaction hash -> number ‖ index (4). */
  readonly transactions: Table;
}

/** Number and index of a transaction. */
const placeLength = numberLength + 4;

/** The chain of blocks, by number, and the indexes by hash. Writes belong inside one lmdb transaction. */
export class BlockStore {
  readonly #tables: BlockTables;
  readonly #path: string;

  /** `path`: of the database, for errors. */
  constructor(tables: BlockTables, path: string) {
    this.#tables = tables;
    this.#path = path;
  }

  /** A header alone: what BLOCKHASH reads of a block below a snapshot. */
  putHeader(number: number, header: Pick<BlockRows, "hash" | "outputRoot" | "headerRlp">): void {
    const row = [header.hash, header.outputRoot, header.headerRlp];
    this.#tables.headers.putSync(numberKey(number), Buffer.concat(row));
    this.#tables.numbers.putSync(header.hash, numberKey(number));
  }

  put(block: BlockRows): void {
    const { bodies, receipts, transactions } = this.#tables;
    const key = numberKey(block.number);
    this.putHeader(block.number, block);
    bodies.putSync(key, block.body);
    receipts.putSync(key, block.receipts);
    const { transactionHashes: hashes } = block;
    const places = Buffer.alloc((hashes.length / hashLength) * placeLength);
    for (let index = 0; index * hashLength < hashes.length; index++) {
      const place = places.subarray(index * placeLength, (index + 1) * placeLength);
      place.set(key, 0);
      place.writeUInt32BE(index, numberLength);
      transactions.putSync(hashes.subarray(index * hashLength, (index + 1) * hashLength), place);
    }
  }

  /** Removes the newest block. */
  remove(number: number): void {
    const block = this.block(number);
    if (block === undefined) return;
    const key = numberKey(number);
    for (const hash of block.transactionHashes) {
      const place = this.#tables.transactions.getBinary(fromHex(hash));
      if (place !== undefined && readNumber(place) === number) this.#tables.transactions.removeSync(fromHex(hash));
    }
    this.#tables.numbers.removeSync(fromHex(block.hash));
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

  transaction(hash: Uint8Array): { readonly number: number; readonly index: number } | undefined {
    const place = this.#tables.transactions.getBinary(hash);
    if (place === undefined) return undefined;
    return { number: readNumber(place), index: Buffer.from(place).readUInt32BE(8) };
  }

  isCanonical(number: number, hash: Uint8Array): boolean {
    const known = this.hash(number);
    return known !== undefined && equalBytes(known, hash);
  }
}
