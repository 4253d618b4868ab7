import { hashLength, numberKey } from "./keys.ts";
import { glance, insert, type Table } from "./table.ts";

/** Shares of the index, by the first four bits of a hash, and blocks after which each share is brought up to date again. */
const shares = 16;
/** Bytes of a hash that the index knows it by. */
const prefixLength = 8;
const blockBytes = 5;
const indexBytes = 3;
const placeLength = blockBytes + indexBytes;

export interface TransactionTables {
  /** First 8 bytes of a transaction's hash -> places of those whose hashes begin so: number (5) ‖ index (3), ascending. */
  readonly transactions: Table;
  /** Number of one of the newest fifteen blocks -> the first 8 bytes of their transactions' hashes, in order. */
  readonly newTransactions: Table;
}

/** Where a transaction is. */
export interface Place {
  readonly number: number;
  readonly index: number;
}

const shareOf = (prefix: Uint8Array, at = 0): number => prefix[at]! >> 4;

function readPlace(row: Buffer, at: number): Place {
  return { number: row.readUIntBE(at, blockBytes), index: row.readUIntBE(at + blockBytes, indexBytes) };
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function prefixesOf(hashes: Uint8Array): Buffer {
  const count = hashes.length / hashLength;
  const prefixes = Buffer.allocUnsafe(count * prefixLength);
  for (let i = 0; i < count; i++)
    prefixes.set(hashes.subarray(i * hashLength, i * hashLength + prefixLength), i * prefixLength);
  return prefixes;
}

/**
 * Finds transactions by the beginning of their hashes. Hashes are spread over the whole table, so a block that wrote its own
 * would touch a page for each. Instead block `b` brings in those of the last sixteen blocks that belong to share `b mod 16`, which
 * lie side by side; what the index does not cover yet is looked for in the rows of the newest blocks.
 */
export class TransactionIndex {
  readonly #places: Table;
  readonly #newest: Table;
  /** Key and value of the row that is being written: lmdb copies both. */
  readonly #prefix = Buffer.alloc(prefixLength);
  readonly #place = Buffer.alloc(placeLength);

  constructor({ transactions, newTransactions }: TransactionTables) {
    this.#places = transactions;
    this.#newest = newTransactions;
  }

  /** Takes in block `number`, the newest one. `hashes`: of its transactions, one after the other. */
  put(number: number, hashes: Uint8Array): void {
    if (hashes.length > 0) this.#newest.putSync(numberKey(number), prefixesOf(hashes));
    const oldest = number - shares + 1;
    for (let block = Math.max(0, oldest); block <= number; block++) this.#bringIn(block, number % shares);
    // All of its shares are in the index now, and stay there when later blocks are taken back.
    if (oldest >= 0) this.#newest.removeSync(numberKey(oldest));
  }

  /** Forgets block `number`, the newest one. */
  remove(number: number, hashes: Uint8Array): void {
    for (let at = 0; at < hashes.length; at += hashLength)
      this.#removePlace(hashes.subarray(at, at + prefixLength), number);
    this.#newest.removeSync(numberKey(number));
  }

  /**
   * Where `hash` may be: hashes that begin alike are not told apart, and a place may come twice. `head`: number of the newest
   * block.
   */
  *find(hash: Uint8Array, head: number): Generator<Place> {
    const prefix = hash.subarray(0, prefixLength);
    const row = bufferOf(this.#places.getBinary(prefix) ?? new Uint8Array());
    for (let at = row.length - placeLength; at >= 0; at -= placeLength) yield readPlace(row, at);
    const indexedUpTo = head - ((((head - shareOf(prefix)) % shares) + shares) % shares);
    for (let number = head; number > indexedUpTo && number >= 0; number--)
      for (const index of this.#findNew(prefix, number)) yield { number, index };
  }

  #findNew(prefix: Uint8Array, number: number): number[] {
    const found: number[] = [];
    const prefixes = glance(this.#newest, numberKey(number));
    for (let at = prefixes?.indexOf(prefix) ?? -1; at !== -1; at = prefixes!.indexOf(prefix, at + 1))
      if (at % prefixLength === 0) found.push(at / prefixLength);
    return found;
  }

  /** Adds the transactions of block `number` that belong to `share`. */
  #bringIn(number: number, share: number): void {
    const prefixes = this.#newest.getBinary(numberKey(number)) ?? new Uint8Array();
    this.#place.writeUIntBE(number, 0, blockBytes);
    for (let at = 0; at < prefixes.length; at += prefixLength) {
      if (shareOf(prefixes, at) !== share) continue;
      for (let i = 0; i < prefixLength; i++) this.#prefix[i] = prefixes[at + i]!;
      this.#place.writeUIntBE(at / prefixLength, blockBytes, indexBytes);
      this.#addPlace();
    }
  }

  #addPlace(): void {
    const place = this.#place;
    if (insert(this.#places, this.#prefix, place)) return;
    const row = bufferOf(this.#places.getBinary(this.#prefix)!);
    // After blocks were taken back it may be there already.
    for (let at = 0; at < row.length; at += placeLength)
      if (row.compare(place, 0, placeLength, at, at + placeLength) === 0) return;
    this.#places.putSync(this.#prefix, Buffer.concat([row, place]));
  }

  #removePlace(prefix: Uint8Array, number: number): void {
    const found = this.#places.getBinary(prefix);
    if (found === undefined) return;
    const row = bufferOf(found);
    const kept: Buffer[] = [];
    for (let at = 0; at < row.length; at += placeLength)
      if (readPlace(row, at).number !== number) kept.push(row.subarray(at, at + placeLength));
    if (kept.length === 0) this.#places.removeSync(prefix);
    else if (kept.length * placeLength < row.length) this.#places.putSync(prefix, Buffer.concat(kept));
  }
}
