import { statfsSync } from "node:fs";
import type { Remedy } from "@metis/protocol";
import { open, type RootDatabase } from "lmdb";
import { checkKey, StoreError, type KeyRange, type Store, type StoreOp } from "./store.ts";

export interface LmdbStoreOptions {
  /** Folder, or a file whose name has an extension; made when absent. */
  readonly path: string;
  /** Size of the memory map in bytes: an upper bound for the file. */
  readonly mapSize?: number;
  /** Bytes that must be free on the disk before anything is written; 64 MiB unless given. */
  readonly reserve?: number;
}

/** The store on disk. One process at a time may write. */
export function openLmdbStore(options: LmdbStoreOptions): Store {
  return new LmdbStore(
    options,
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

/** Room that nothing is written into: what may be on its way to the disk at one time. */
const reservedBytes = 64 * 1024 * 1024;

class LmdbStore implements Store {
  readonly #options: LmdbStoreOptions;
  readonly #db: RootDatabase<Buffer, Uint8Array>;
  #closed = false;
  #failure: StoreError | undefined;

  constructor(options: LmdbStoreOptions, db: RootDatabase<Buffer, Uint8Array>) {
    this.#options = options;
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
    if (this.#failure) throw this.#failure;
    this.#checkRoom();
    try {
      const steps: Promise<boolean>[] = [];
      const batch = this.#db.batch(() => {
        for (const op of ops)
          steps.push(op.kind === "put" ? this.#db.put(op.key, Buffer.from(op.value)) : this.#db.remove(op.key));
      });
      // When the batch fails each of its steps does, too, and what nobody waits for would end the process.
      await Promise.all([batch, ...steps]);
      await this.#db.flushed;
    } catch (cause) {
      // The library's word on the cause is another promise that nobody waits for.
      (cause as { commitError?: Promise<never> }).commitError?.catch(() => undefined);
      this.#failure ??= this.#error("write-failed", "halt", "could not be written: start again", { cause });
      throw this.#failure;
    }
  }

  /** lmdb does not survive it unharmed when the room ends in the middle of a write: it is asked for before. */
  #checkRoom(): void {
    const { bavail, bsize } = statfsSync(this.#options.path);
    if (bavail * bsize < (this.#options.reserve ?? reservedBytes))
      throw this.#error("disk-full", "retry", "is not written until there is more room on its disk");
  }

  #error(code: "disk-full" | "write-failed", remedy: Remedy, what: string, options?: ErrorOptions): StoreError {
    const { path } = this.#options;
    return new StoreError(code, remedy, `the store in ${path} ${what}`, { path }, options);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // After a failed write the library waits for it for ever.
    if (this.#failure) return;
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
