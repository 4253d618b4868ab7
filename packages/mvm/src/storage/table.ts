import type { Database as LmdbTable } from "lmdb";
import { damaged } from "./file.ts";
import { prefixEnd } from "./keys.ts";

/** A table of the store: bytes by bytes. */
export type Table = LmdbTable<Uint8Array, Uint8Array>;

export interface TableRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** lmdb's words for a page that nobody wrote: MDB_PAGE_NOTFOUND, MDB_CORRUPTED. */
export const isDamagedPage = (error: unknown): error is Error =>
  error instanceof Error && /^MDB_(?:PAGE_NOTFOUND|CORRUPTED)/.test(error.message);

/** The same table; a read that meets a damaged page throws "database-corrupt". `path`: the database's folder. */
export function tellingDamage(table: Table, path: string): Table {
  const tell = <Result>(read: () => Result): Result => {
    try {
      return read();
    } catch (error) {
      throw isDamagedPage(error) ? damaged(path, error.message, error) : error;
    }
  };
  const getBinary = table.getBinary.bind(table);
  const getRange = table.getRange.bind(table);
  const doesExist = table.doesExist.bind(table);
  const rows = function* (...given: Parameters<typeof getRange>): Generator<TableRow> {
    const range = tell(() => getRange(...given))[Symbol.iterator]();
    for (let next = tell(() => range.next()); !next.done; next = tell(() => range.next())) yield next.value;
  };
  return Object.assign(table, {
    getBinary: (...given: Parameters<typeof getBinary>) => tell(() => getBinary(...given)),
    doesExist: (...given: Parameters<typeof doesExist>) => tell(() => doesExist(...given)),
    getRange: rows,
  });
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

/** Writes `value`, or removes what is there when it is empty: no table stores empty values. */
export function write(table: Table, key: Uint8Array, value: Uint8Array): void {
  if (value.length === 0) table.removeSync(key);
  else table.putSync(key, value);
}

/** The value of `key` as a view, which the next read of this thread overwrites: nothing is allocated for it. */
export function glance(table: Table, key: Uint8Array): Buffer | undefined {
  const bytes = table.getBinaryFast(key);
  // lmdb-js' buffer is longer than its `length` says.
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Writes `value` unless the key has one already; tells whether it did. Inside a transaction. */
export function insert(table: Table, key: Uint8Array, value: Uint8Array): boolean {
  // lmdb-js answers, though its types say nothing of it.
  const answer: unknown = table.putSync(key, value, { noOverwrite: true });
  return answer === true;
}
