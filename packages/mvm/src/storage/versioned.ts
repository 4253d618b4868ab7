import type { Database as LmdbTable } from "lmdb";
import { equalBytes } from "../bytes.ts";
import { changeKey, numberLength, prefixEnd } from "./keys.ts";

/** A table of the store: bytes by bytes. */
export type Table = LmdbTable<Uint8Array, Uint8Array>;

export interface TableRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const pageRows = 512;

/** Rows of a table whose keys begin with `prefix`, in the order of their keys, as copies. Each page sees the newest commit of its moment. */
export function* pagesOf(table: Table, prefix: Uint8Array = new Uint8Array()): Generator<TableRow> {
  const end = prefix.length === 0 ? {} : { end: prefixEnd(prefix) };
  let start = prefix;
  for (;;) {
    const page = [...table.getRange({ start, ...end, limit: pageRows })].map(({ key, value }) => ({
      key: Uint8Array.from(key),
      value: Uint8Array.from(value),
    }));
    yield* page;
    if (page.length < pageRows) return;
    // The smallest key above the last one.
    start = Buffer.concat([page.at(-1)!.key, Uint8Array.of(0)]);
  }
}

export const rowCount = (table: Table): number => (table.getStats() as { readonly entryCount: number }).entryCount;

/** What stands for "absent" in a change table. No table stores empty values. */
const absent = new Uint8Array();

/** Keys that one block changed, in the order of the first change; the value of the `changes` table. */
export class ChangeLog {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  add(table: number, key: Uint8Array): void {
    const entry = Buffer.allocUnsafe(2 + key.length);
    entry[0] = table;
    entry[1] = key.length;
    entry.set(key, 2);
    this.#parts.push(entry);
    this.#length += entry.length;
  }

  encode(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }

  static *decode(bytes: Uint8Array): Generator<{ readonly table: number; readonly key: Uint8Array }> {
    for (let at = 0; at < bytes.length;) {
      const length = bytes[at + 1]!;
      yield { table: bytes[at]!, key: bytes.subarray(at + 2, at + 2 + length) };
      at += 2 + length;
    }
  }
}

/**
 * Current values, and beside them, keyed (key ‖ block), what each value was before the block that changed it.
 * The value at block N is the first entry above N in the change table, else the current one.
 * No key may be the beginning of another.
 */
export class VersionedTable {
  readonly id: number;
  readonly #current: Table;
  readonly #history: Table;

  constructor(id: number, current: Table, history: Table) {
    this.id = id;
    this.#current = current;
    this.#history = history;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#current.getBinary(key);
  }

  /** The value after `block`; right only while the change sets above `block` are kept. */
  getAt(key: Uint8Array, block: number): Uint8Array | undefined {
    const range = { start: changeKey(key, block + 1), end: prefixEndOfKey(key), limit: 1 };
    for (const { value } of this.#history.getRange(range)) return value.length === 0 ? undefined : value;
    return this.get(key);
  }

  /** Current keys that begin with `prefix`. */
  keys(prefix: Uint8Array): Uint8Array[] {
    return [...this.#current.getKeys({ start: prefix, end: prefixEnd(prefix) })].map((key) => Uint8Array.from(key));
  }

  /**
   * Everything as it is after `block`, in any order; a row may come twice while another process commits. Reads page by page,
   * so that no snapshot of the database is held meanwhile.
   */
  *rowsAt(block: number): Generator<TableRow> {
    for (const { key } of pagesOf(this.#current)) {
      const value = this.getAt(key, block);
      if (value !== undefined) yield { key, value };
    }
    let last: Uint8Array | undefined;
    for (const { key: change } of pagesOf(this.#history)) {
      const key = change.subarray(0, change.length - numberLength);
      if (last !== undefined && equalBytes(key, last)) continue;
      last = key;
      const value = this.#current.doesExist(key) ? undefined : this.getAt(key, block);
      if (value !== undefined) yield { key, value };
    }
  }

  /** Current rows whose keys begin with `prefix`. */
  rows(prefix: Uint8Array): Generator<TableRow> {
    return pagesOf(this.#current, prefix);
  }

  get rowCount(): number {
    return rowCount(this.#current);
  }

  /** Writes `value` (empty: removes) as `block` leaves it. A second change by the same block keeps the first "before". */
  set(key: Uint8Array, value: Uint8Array, block: number, changes: ChangeLog): void {
    const before = this.get(key) ?? absent;
    if (equalBytes(before, value)) return;
    const at = changeKey(key, block);
    if (!this.#history.doesExist(at)) {
      this.#history.putSync(at, before);
      changes.add(this.id, key);
    }
    this.#write(key, value);
  }

  /** Writes a value that was there from the start: no history. */
  seed(key: Uint8Array, value: Uint8Array): void {
    this.#write(key, value);
  }

  /** Takes the change of `block` back; every later change is taken back already. */
  undo(key: Uint8Array, block: number): void {
    const at = changeKey(key, block);
    this.#write(key, this.#history.getBinary(at) ?? absent);
    this.#history.removeSync(at);
  }

  /** Drops what `key` was before `block`. */
  forget(key: Uint8Array, block: number): void {
    this.#history.removeSync(changeKey(key, block));
  }

  #write(key: Uint8Array, value: Uint8Array): void {
    if (value.length === 0) this.#current.removeSync(key);
    else this.#current.putSync(key, value);
  }
}

/** Above (key ‖ any block): heights stay far below 2^56, so their first byte is 0. */
const prefixEndOfKey = (key: Uint8Array): Buffer => Buffer.concat([key, Uint8Array.of(0xff)]);
