import { checkKey, StoreError, type KeyRange, type Store, type StoreOp } from "./store.ts";

/** The store in memory: a twin of the one on disk for simulation. Keeps keys as latin-1 strings, whose order is byte order. */
export class MemoryStore implements Store {
  readonly #values = new Map<string, Uint8Array>();
  #sorted: string[] | undefined;
  #closed = false;

  get(key: Uint8Array): Uint8Array | undefined {
    this.#open();
    checkKey(key);
    return this.#values.get(text(key))?.slice();
  }

  *entries(range: KeyRange = {}): Generator<readonly [Uint8Array, Uint8Array]> {
    this.#open();
    const keys = this.#keys();
    const start = range.from ? lowerBound(keys, text(range.from)) : 0;
    const end = range.to ? lowerBound(keys, text(range.to)) : keys.length;
    const selected = keys.slice(start, Math.max(start, end));
    if (range.reverse) selected.reverse();
    for (const key of selected.slice(0, range.limit)) {
      const value = this.#values.get(key);
      if (value) yield [Uint8Array.from(Buffer.from(key, "latin1")), value.slice()];
    }
  }

  async write(ops: readonly StoreOp[]): Promise<void> {
    this.#open();
    for (const { key } of ops) checkKey(key);
    for (const op of ops) {
      if (op.kind === "put") this.#values.set(text(op.key), op.value.slice());
      else this.#values.delete(text(op.key));
    }
    this.#sorted = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** What a restart after a crash at this moment would find. */
  reopened(): MemoryStore {
    const copy = new MemoryStore();
    for (const [key, value] of this.#values) copy.#values.set(key, value);
    return copy;
  }

  #keys(): string[] {
    this.#sorted ??= [...this.#values.keys()].toSorted();
    return this.#sorted;
  }

  #open(): void {
    if (this.#closed) throw new StoreError("closed", "halt", "the store is closed", {});
  }
}

const text = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");

/** Index of the first key that is not below `wanted`. */
function lowerBound(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
