import { codecs, openTable, type Clock, type Store, type StoreOp, type Table } from "@metis/runtime";
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

export interface JournalOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, "after">;
  /** Milliseconds that a change may wait for others to be written with it. */
  readonly lagMs: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps the pool's transactions on disk by order of arrival. Writing lags behind: one batch is under way at a time and the next one
 * gathers meanwhile, so that taking a transaction never waits for the disk. What comes and goes between two batches never gets there.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #table: Table<bigint, Kept>;
  /** By arrival: what is to be put, or nothing for what is to be deleted. */
  #waiting = new Map<number, Kept | undefined>();
  /** Arrivals that the disk has, or is being given. */
  readonly #written: Set<number>;
  #writing: Promise<void> | undefined;
  #cancelLag: (() => void) | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#table = openTable(options.store, "mempool", codecs.uint64, keptCodec);
    this.#written = new Set(this.entries().map(({ arrival }) => arrival));
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
    this.#waiting.set(arrival, kept);
    this.#writeLater();
  }

  delete(arrival: number): void {
    if (this.#written.has(arrival)) this.#waiting.set(arrival, undefined);
    else this.#waiting.delete(arrival);
    this.#writeLater();
  }

  /** Resolves when all that was given is on disk. */
  async flush(): Promise<void> {
    this.#writeNow();
    while (this.#writing) await this.#writing;
  }

  #writeLater(): void {
    if (this.#writing || this.#waiting.size === 0) return;
    this.#cancelLag ??= this.#options.clock.after(this.#options.lagMs(), () => this.#writeNow());
  }

  #writeNow(): void {
    this.#cancelLag?.();
    this.#cancelLag = undefined;
    if (this.#waiting.size > 0) this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    const ops = this.#take();
    try {
      await this.#options.store.write(ops);
    } catch (error) {
      this.#options.onError(error);
    }
    this.#writing = undefined;
    this.#writeLater();
  }

  #take(): readonly StoreOp[] {
    const changes = this.#waiting;
    this.#waiting = new Map();
    return [...changes].map(([arrival, kept]) => {
      if (kept) this.#written.add(arrival);
      else this.#written.delete(arrival);
      return kept ? this.#table.put(BigInt(arrival), kept) : this.#table.delete(BigInt(arrival));
    });
  }
}
