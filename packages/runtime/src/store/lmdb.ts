import { statfsSync } from "node:fs";
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
    options.path,
    open<Buffer, Uint8Array>({
      path: options.path,
      keyEncoding: "binary",
      // Batches of one turn in one transaction would bring a promise of the library's own that nobody waits for: when the disk
      // is full it would end the process.
      eventTurnBatching: false,
      encoding: "binary",
      ...(options.mapSize === undefined ? {} : { mapSize: options.mapSize }),
    }),
  );
}

/** A write that failed with less room than this failed for want of it: the library names no cause in time. */
const scarceBytes = 1024 * 1024;

class LmdbStore implements Store {
  readonly #path: string;
  readonly #db: RootDatabase<Buffer, Uint8Array>;
  #closed = false;

  constructor(path: string, db: RootDatabase<Buffer, Uint8Array>) {
    this.#path = path;
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
    try {
      const steps: Promise<boolean>[] = [];
      const batch = this.#db.batch(() => {
        for (const op of ops)
          steps.push(op.kind === "put" ? this.#db.put(op.key, Buffer.from(op.value)) : this.#db.remove(op.key));
      });
      // When the batch fails each of its steps does, too, and what nobody waits for would end the process.
      await Promise.all([batch, ...steps]);
      await this.#db.flushed;
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  #writeError(cause: unknown): unknown {
    if (!(cause instanceof Error)) return cause;
    // The library's word on the cause is another promise that nobody waits for.
    const { commitError } = cause as { commitError?: Promise<never> };
    commitError?.catch(() => undefined);
    const { bavail, bsize } = statfsSync(this.#path);
    const isFull = bavail * bsize < scarceBytes;
    const message = isFull
      ? `the disk that holds ${this.#path} is full: nothing was written, make room`
      : `the store in ${this.#path} could not be written: ${cause.message}`;
    return new StoreError(isFull ? "disk-full" : "write-failed", "retry", message, { path: this.#path }, { cause });
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
