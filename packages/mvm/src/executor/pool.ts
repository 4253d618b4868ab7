import { MvmError } from "../errors.ts";
import type { WorkerSettings } from "./boot.ts";
import { WorkerClient } from "./channel.ts";

/** Requests that may wait for one worker. */
const maxWaiting = 1024;

/** Reader workers, started when first needed; a lost one is replaced at the next request. */
export class ReaderPool {
  readonly #settings: WorkerSettings;
  readonly #onEvent: (event: unknown) => void;
  readonly #workers: (WorkerClient | undefined)[];

  constructor(size: number, settings: WorkerSettings, onEvent: (event: unknown) => void) {
    this.#settings = settings;
    this.#onEvent = onEvent;
    this.#workers = Array.from({ length: size }, () => undefined);
  }

  /**
   * Sends the request to the worker with the least to do.
   * Throws what it throws, or `MvmError` "worker-lost" or "readers-busy", both to be tried again.
   */
  async call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    const worker = this.#leastLoaded();
    if (worker.load >= maxWaiting) throw new MvmError("readers-busy", "Too many calls wait for an answer: try again.");
    return worker.call(method, ...args);
  }

  async close(): Promise<void> {
    const started = this.#workers.filter((worker) => worker !== undefined);
    await Promise.all(started.filter((worker) => !worker.isLost).map((worker) => worker.call("close")));
    await Promise.all(started.map((worker) => worker.terminate()));
  }

  #leastLoaded(): WorkerClient {
    let best: number | undefined;
    for (const [i, worker] of this.#workers.entries()) {
      if (worker === undefined || worker.isLost) continue;
      if (worker.load === 0) return worker;
      if (best === undefined || worker.load < this.#workers[best]!.load) best = i;
    }
    const empty = this.#workers.findIndex((worker) => worker === undefined || worker.isLost);
    if (empty === -1) return this.#workers[best!]!;
    const worker = new WorkerClient("readerWorker", this.#settings, "retry", this.#onEvent);
    this.#workers[empty] = worker;
    return worker;
  }
}
