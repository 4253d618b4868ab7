import type { Hash } from "@metis/protocol";
import type { Head } from "../storage/database.ts";
import { MvmError } from "../errors.ts";
import type { WorkerClient } from "./channel.ts";

/** What the client needs of the worker. */
export type WriterThread = Pick<WorkerClient, "call" | "isLost" | "terminate">;

/** Methods that begin a block. */
const beginnings: ReadonlySet<string> = new Set(["execute", "extend", "open"]);

const closed = (): MvmError => new MvmError("closed", "The engine is closed.");

/** The worker that executes and commits blocks. With a commit it hears whether the next block was begun in the same turn. */
export class WriterClient implements WriterThread {
  readonly #worker: WriterThread;
  #unsent: ((isFollowed: boolean) => void) | undefined;
  #isClosing = false;

  constructor(worker: WriterThread) {
    this.#worker = worker;
  }

  get isLost(): boolean {
    return this.#worker.isLost;
  }

  /** As `WorkerClient.call`; behind "close", which ends what the worker stands on, comes nothing: `MvmError` "closed". */
  call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    if (this.#isClosing) return Promise.reject(closed());
    this.#send(beginnings.has(method));
    this.#isClosing = method === "close";
    return this.#worker.call(method, ...args);
  }

  /** Resolves when the block is on disk. */
  commit(hash: Hash): Promise<Head> {
    if (this.#isClosing) return Promise.reject(closed());
    this.#send(false);
    return new Promise((resolve, reject) => {
      const send = (isFollowed: boolean): void => {
        this.#worker.call<Head>("commit", hash, isFollowed).then(resolve, reject);
      };
      this.#unsent = send;
      queueMicrotask(() => {
        if (this.#unsent === send) this.#send(false);
      });
    });
  }

  terminate(): Promise<void> {
    return this.#worker.terminate();
  }

  #send(isFollowed: boolean): void {
    const send = this.#unsent;
    this.#unsent = undefined;
    send?.(isFollowed);
  }
}
