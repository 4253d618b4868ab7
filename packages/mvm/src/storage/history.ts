import { ChangeCursor, changeKind, encodePast, type ChangeKind } from "./changes.ts";
import { addressLength, numberKey, numberLength, pathStart } from "./keys.ts";
import { rowCount, type Table } from "./table.ts";

/** Shares into which the keys of a block's changes are divided, and blocks after which each share is indexed again. */
const shares = 16;
const numberBytes = 4;
/** Length at which a row of the index is closed. */
const rowBytes = 256 * numberBytes;
/** Stands for the last number of a row that may still grow. */
const open = 0xffff_ffff;

export interface HistoryTables {
  /** block ‖ share -> what the keys of the share were before the block (entries of `ChangeCursor` without `after`). */
  readonly changes: Table;
  /** kind ‖ key ‖ last number of the row (`open` in a key's newest row) -> numbers of blocks that changed the key, ascending, 4 bytes each. */
  readonly changeIndex: Table;
}

/** Where in a key those bytes begin that tell it from its neighbours: address, slot, path, of a root the account's hash. */
function spreadAt(kind: ChangeKind, key: Uint8Array): number {
  if (kind === changeKind.slot) return addressLength;
  if (kind !== changeKind.node) return 0;
  const path = pathStart(key);
  return path < key.length ? path : 1;
}

/**
 * Which share a key belongs to: by its first four bits, so that the rows of a share lie side by side in the index. Slots that
 * Solidity numbers begin with zeros and are told apart by their end.
 */
function shareOf(kind: ChangeKind, key: Uint8Array): number {
  const first = key[spreadAt(kind, key)]!;
  return first === 0 ? key.at(-1)! & (shares - 1) : first >> 4;
}

function shareKey(block: number, share: number): Buffer {
  const key = Buffer.allocUnsafe(numberLength + 1);
  key.set(numberKey(block), 0);
  key[numberLength] = share;
  return key;
}

function indexKey(kind: ChangeKind, key: Uint8Array, last: number): Buffer {
  const joined = Buffer.allocUnsafe(1 + key.length + numberBytes);
  joined[0] = kind;
  joined.set(key, 1);
  joined.writeUInt32BE(last, 1 + key.length);
  return joined;
}

const numberAt = (row: Uint8Array, at: number): number =>
  ((row[at]! << 24) | (row[at + 1]! << 16) | (row[at + 2]! << 8) | row[at + 3]!) >>> 0;

const lastOf = (row: Uint8Array): number => numberAt(row, row.length - numberBytes);

function encodeNumbers(numbers: readonly number[]): Buffer {
  const row = Buffer.allocUnsafe(numbers.length * numberBytes);
  for (const [i, number] of numbers.entries()) row.writeUInt32BE(number, i * numberBytes);
  return row;
}

/** What a block replaces, collected share by share before it is written. */
export class Record {
  readonly #parts: Buffer[][] = Array.from({ length: shares }, () => []);

  /** `past`: an entry of `ChangeCursor` without `after`; a view that stays valid until the record is written. */
  add(kind: ChangeKind, key: Uint8Array, past: Buffer): void {
    this.#parts[shareOf(kind, key)]!.push(past);
  }

  put(kind: ChangeKind, key: Uint8Array, before: Uint8Array): void {
    this.add(kind, key, encodePast(kind, key, before));
  }

  *rows(): Generator<readonly [share: number, row: Buffer]> {
    for (const [share, parts] of this.#parts.entries()) if (parts.length > 0) yield [share, Buffer.concat(parts)];
  }
}

/** A value that some block replaced; empty: there was none. */
export interface Past {
  readonly kind: ChangeKind;
  readonly key: Uint8Array;
  readonly before: Uint8Array;
}

/**
 * What every kept block replaced. A block's changes lie together, so that writing them costs little; an index names the blocks
 * that changed a key. Block `b` brings the index up to date for share `b mod 16` of the keys alone, sixteen blocks at once: keys
 * that change often share the price of a row. The last blocks, which the index does not cover, are looked through.
 */
export class History {
  readonly #changes: Table;
  readonly #index: Table;

  constructor({ changes, changeIndex }: HistoryTables) {
    this.#changes = changes;
    this.#index = changeIndex;
  }

  /** Keeps what `block`, the newest one, replaced. */
  write(block: number, record: Record): void {
    for (const [share, row] of record.rows()) this.#changes.putSync(shareKey(block, share), row);
    this.#indexShare(block);
  }

  /** What `key` was before the first block above `block`, up to `head`, that changed it; `undefined`: none did. */
  before(kind: ChangeKind, key: Uint8Array, block: number, head: number): Uint8Array | undefined {
    const share = shareOf(kind, key);
    const range = { start: indexKey(kind, key, block + 1), end: indexEnd(kind, key), limit: 1 };
    for (const { value } of this.#index.getRange(range))
      for (let at = 0; at < value.length; at += numberBytes) {
        const number = numberAt(value, at);
        const found = number > block ? this.#find(number, share, kind, key) : undefined;
        if (found !== undefined) return found;
      }
    for (let number = Math.max(block, indexedUpTo(share, head)) + 1; number <= head; number++) {
      const found = this.#find(number, share, kind, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Everything that `block` replaced. Views of rows read. */
  *of(block: number): Generator<Past> {
    for (let share = 0; share < shares; share++) {
      const cursor = this.#cursor(block, share);
      while (cursor?.next()) yield { kind: cursor.kind, key: cursor.key, before: cursor.before };
    }
  }

  /** Forgets `block`, the newest one, which is taken back. */
  undo(block: number): void {
    for (const { kind, key } of this.of(block)) {
      // A row that was closed with this block opens again: rows above it are gone by now.
      const closed = indexKey(kind, key, block);
      const at = indexKey(kind, key, open);
      const row = this.#index.getBinary(closed) ?? this.#index.getBinary(at);
      if (row === undefined || lastOf(row) !== block) continue;
      this.#index.removeSync(closed);
      if (row.length === numberBytes) this.#index.removeSync(at);
      else this.#index.putSync(at, row.subarray(0, row.length - numberBytes));
    }
    this.#remove(block);
  }

  /** Forgets `block`, the oldest one: rows of the index go when nothing they name is kept any more. */
  forget(block: number): void {
    for (const { kind, key } of this.of(block)) {
      if (this.#index.removeSync(indexKey(kind, key, block))) continue;
      const at = indexKey(kind, key, open);
      const row = this.#index.getBinary(at);
      if (row !== undefined && lastOf(row) <= block) this.#index.removeSync(at);
    }
    this.#remove(block);
  }

  /** Rows of both tables. */
  get rowCount(): number {
    return rowCount(this.#changes) + rowCount(this.#index);
  }

  #remove(block: number): void {
    for (let share = 0; share < shares; share++) this.#changes.removeSync(shareKey(block, share));
  }

  #cursor(block: number, share: number): ChangeCursor | undefined {
    const row = this.#changes.getBinary(shareKey(block, share));
    return row && new ChangeCursor(row, false);
  }

  #find(block: number, share: number, kind: ChangeKind, key: Uint8Array): Uint8Array | undefined {
    const cursor = this.#cursor(block, share);
    while (cursor?.next()) if (cursor.is(kind, key)) return cursor.before;
    return undefined;
  }

  /** Adds the last sixteen blocks to the index of one share. */
  #indexShare(block: number): void {
    const share = block % shares;
    const changed = new Map<string, { readonly kind: ChangeKind; readonly key: Uint8Array; numbers: number[] }>();
    for (let number = Math.max(1, block - shares + 1); number <= block; number++) {
      const cursor = this.#cursor(number, share);
      while (cursor?.next()) {
        const known = changed.get(cursor.name);
        if (known === undefined) changed.set(cursor.name, { kind: cursor.kind, key: cursor.key, numbers: [number] });
        else known.numbers.push(number);
      }
    }
    for (const { kind, key, numbers } of changed.values()) this.#append(kind, key, numbers);
  }

  #append(kind: ChangeKind, key: Uint8Array, numbers: readonly number[]): void {
    const at = indexKey(kind, key, open);
    const row = this.#index.getBinary(at) ?? new Uint8Array();
    // After blocks were taken back some of these may be there already.
    const newest = row.length === 0 ? 0 : lastOf(row);
    const all = Buffer.concat([row, encodeNumbers(numbers.filter((number) => number > newest))]);
    const full = all.length > rowBytes ? all.subarray(0, rowBytes) : undefined;
    if (full !== undefined) this.#index.putSync(indexKey(kind, key, lastOf(full)), full);
    this.#index.putSync(at, full === undefined ? all : all.subarray(rowBytes));
  }
}

/** Above every row of the key in the index: the byte after (kind ‖ key ‖ 0xffffffff). */
const indexEnd = (kind: ChangeKind, key: Uint8Array): Buffer =>
  Buffer.concat([indexKey(kind, key, open), Uint8Array.of(0)]);

/** The newest block that brought the index of a share up to date. */
const indexedUpTo = (share: number, head: number): number => head - ((((head - share) % shares) + shares) % shares);
