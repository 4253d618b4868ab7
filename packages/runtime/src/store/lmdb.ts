import { open, type RootDatabase } from "lmdb";
import { checkKey, StoreError, type KeyRange, type Store, type StoreOp } from "./store.ts";

export interface LmdbStoreOptions {
  /** Folder, or a file whose name has an extension; made when absent. */
  readonly path: string;
  /** Size of the memory map in bytes: an upper bound for the file. */
  readonly mapSize?: number;
}

/** The store on disk. One process at a time may write. */
export function openLmdbStore(options: LmdbStoreOptions): Store {
  return new LmdbStore(
    open<Buffer, Uint8Array>({
      path: options.path,
      keyEncoding: "binary",
      encoding: "binary",
      ...(options.mapSize === undefined ? {} : { mapSize: options.mapSize }),
    }),
  );
}

class LmdbStore implements Store {
  readonly #db: RootDatabase<Buffer, Uint8Array>;
  #closed = false;

  constructor(db: RootDatabase<Buffer, Uint8Array>) {
    this.#db = db;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#open();
    checkKey(key);
    const value = this.#db.get(key);
    return value && Uint8Array.from(value);
  }

  *entries(range: KeyRange = {}): Generator<readonly [Uint8Array, Uint8Array]> {
    this.#open();
    let left = range.limit ?? Infinity;
    if (left <= 0) return;
    for (const { key, value } of this.#db.getRange({ ...bounds(range), reverse: range.reverse === true })) {
      // A reversed range of the library starts at its first key and leaves the end out: ours is the other way round.
      if (range.reverse && range.to && Buffer.compare(key, range.to) >= 0) continue;
      if (range.reverse && range.from && Buffer.compare(key, range.from) < 0) return;
      yield [Uint8Array.from(key), Uint8Array.from(value)];
      if (--left <= 0) return;
    }
  }

  async write(ops: readonly StoreOp[]): Promise<void> {
    this.#open();
    for (const { key } of ops) checkKey(key);
    await this.#db.batch(() => {
      for (const op of ops) {
        if (op.kind === "put") void this.#db.put(op.key, Buffer.from(op.value));
        else void this.#db.remove(op.key);
      }
    });
    await this.#db.flushed;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#db.flushed;
    await this.#db.close();
  }

  #open(): void {
    if (this.#closed) throw new StoreError("closed", "halt", "the store is closed", {});
  }
}

const bounds = (range: KeyRange): { start?: Uint8Array; end?: Uint8Array } => {
  // Without an end the library leaves out the key of one zero byte.
  if (range.reverse) return { ...(range.to ? { start: range.to } : {}), end: Buffer.alloc(0) };
  return { ...(range.from ? { start: range.from } : {}), ...(range.to ? { end: range.to } : {}) };
};
