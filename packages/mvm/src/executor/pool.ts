import type { Clock } from "@metis/runtime";
import { MvmError } from "../errors.ts";
import type { WorkerClient } from "./channel.ts";

/** Requests without an answer yet. */
const maxWaiting = 1024;
/** A request that a burst of dear calls keeps in line for longer is refused, so that the burst's end is the line's end. */
const maxWaitMs = 5_000;
/** One that runs and one that is at hand when it ends. */
const perWorker = 2;

/** What the pool needs of a worker. */
export type Reader = Pick<WorkerClient, "call" | "isLost" | "load" | "terminate">;

interface Waiting {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly since: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Reader workers, started when first needed; a lost one is replaced at the next request. First come, first served. */
export class ReaderPool {
  readonly #start: () => Reader;
  readonly #clock: Pick<Clock, "monotonic"> | undefined;
  readonly #workers: (Reader | undefined)[];
  readonly #line: Waiting[] = [];
  #closed = false;

  /** Workers at most. */
  get size(): number {
    return this.#workers.length;
  }

  /** Without a clock, requests wait as long as it takes. */
  constructor(size: number, start: () => Reader, clock?: Pick<Clock, "monotonic">) {
    this.#start = start;
    this.#clock = clock;
    this.#workers = Array.from({ length: size }, () => undefined);
  }

  /**
   * Has the request answered by the worker with the least to do.
   * Throws what it throws, or `MvmError` "worker-lost" or "readers-busy", both to be tried again.
   */
  async call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    if (this.#closed) throw closed();
    if (this.#load() >= maxWaiting) throw busy();
    const since = this.#clock?.monotonic() ?? 0;
    return new Promise((resolve, reject) => {
      this.#line.push({ method, args, since, resolve, reject });
      this.#feed();
    });
  }

  /** Waits for what runs; what is still in line is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#line.splice(0)) reject(closed());
    const started = this.#workers.filter((worker) => worker !== undefined);
    await Promise.all(started.filter((worker) => !worker.isLost).map((worker) => worker.call("close")));
    await Promise.all(started.map((worker) => worker.terminate()));
  }

  #load(): number {
    return this.#workers.reduce((sum, worker) => sum + (worker?.load ?? 0), this.#line.length);
  }

  #feed(): void {
    while (this.#line.length > 0) {
      const worker = this.#freest();
      if (worker === undefined) return;
      const next = this.#line.shift()!;
      if (this.#clock !== undefined && this.#clock.monotonic() - next.since > maxWaitMs) next.reject(busy());
      else void this.#hand(worker, next);
    }
  }

  async #hand(worker: Reader, { method, args, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await worker.call<never>(method, ...args));
    } catch (error) {
      reject(error);
    }
    this.#feed();
  }

  /** The worker with the least to do, if it may be given more. */
  #freest(): Reader | undefined {
    let best: Reader | undefined;
    for (const worker of this.#workers) {
      if (worker === undefined || worker.isLost) continue;
      if (worker.load === 0) return worker;
      if (best === undefined || worker.load < best.load) best = worker;
    }
    const empty = this.#workers.findIndex((worker) => worker === undefined || worker.isLost);
    if (empty === -1) return best!.load < perWorker ? best : undefined;
    return (this.#workers[empty] = this.#start());
  }
}

const busy = (): MvmError => new MvmError("readers-busy", "Too many calls wait for an answer: try again.");
const closed = (): MvmError => new MvmError("closed", "The engine is closed.");
