import { codecs, openTable, type Store, type StoreOp, type Table } from "@metis/runtime";
import type { Hex } from "viem";

/** Entry as kept: the clock's milliseconds of arrival, then the transaction. */
interface Kept {
  readonly addedAt: number;
  readonly raw: Hex;
}

const keptCodec = {
  encode: ({ addedAt, raw }: Kept): Uint8Array =>
    Buffer.concat([codecs.uint64.encode(BigInt(Math.floor(addedAt))), codecs.hex.encode(raw)]),
  decode: (bytes: Uint8Array): Kept => ({
    addedAt: Number(codecs.uint64.decode(bytes.subarray(0, 8))),
    raw: codecs.hex.decode(bytes.subarray(8)),
  }),
};

/**
 * Keeps the pool's transactions on disk by order of arrival. Writing lags behind: one batch is under way at a time and
 * the next one gathers meanwhile, so that taking a transaction never waits for the disk.
 */
export class Journal {
  readonly #store: Store;
  readonly #table: Table<bigint, Kept>;
  #waiting: StoreOp[] = [];
  #writing: Promise<void> | undefined;
  readonly #onError: (error: unknown) => void;

  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#table = openTable(store, "mempool", codecs.uint64, keptCodec);
    this.#onError = onError;
  }

  /** What was in the pool when it was last written, first come first. */
  entries(): readonly (Kept & { readonly arrival: number })[] {
    return [...this.#table.entries()].map(([arrival, kept]) => ({
      arrival: Number(arrival),
      addedAt: kept.addedAt,
      raw: kept.raw,
    }));
  }

  put(arrival: number, kept: Kept): void {
    this.#add(this.#table.put(BigInt(arrival), kept));
  }

  delete(arrival: number): void {
    this.#add(this.#table.delete(BigInt(arrival)));
  }

  /** Resolves when all that was given is on disk. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  #add(op: StoreOp): void {
    this.#waiting.push(op);
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    // Lets what arrives in the same turn join the batch.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const ops = this.#waiting;
      this.#waiting = [];
      try {
        await this.#store.write(ops);
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#writing = undefined;
  }
}
