import { MvmError } from "../errors.ts";

const idle = 0;
const writing = 1;
const stopped = 2;

/** Milliseconds that an exit waits for a transaction at most. */
const patience = 10_000;

/**
 * Keeps a process from ending in the middle of a transaction: lmdb-js waits for ever where a thread is ended there. Threads
 * that write have one each, in memory that they share with the one that exits.
 */
export class ExitGuard {
  readonly #state: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  }

  /** Runs `write`. Throws `MvmError` "closed" once the process is about to end. */
  run<Result>(write: () => Result): Result {
    if (Atomics.compareExchange(this.#state, 0, idle, writing) === stopped)
      throw new MvmError("closed", "The process ends: nothing is written any more.");
    try {
      return write();
    } finally {
      Atomics.store(this.#state, 0, idle);
      Atomics.notify(this.#state, 0);
    }
  }

  /** Waits for the transaction that runs; no other one begins. For the thread that ends the process, which writes nothing itself. */
  stop(): void {
    while (Atomics.compareExchange(this.#state, 0, idle, stopped) === writing)
      if (Atomics.wait(this.#state, 0, writing, patience) === "timed-out") return;
  }
}

const guards = new Set<ExitGuard>();

/** Has the end of the process wait for what threads with these guards write; the answer ends that. */
export function guardExit(mine: readonly ExitGuard[]): () => void {
  if (guards.size === 0) process.on("exit", stopAll);
  for (const guard of mine) guards.add(guard);
  return () => {
    for (const guard of mine) guards.delete(guard);
    if (guards.size === 0) process.off("exit", stopAll);
  };
}

function stopAll(): void {
  for (const guard of guards) guard.stop();
}
