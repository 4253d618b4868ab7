import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Answer, SignerEndpoint } from "./exchange.ts";

/** One request; `shared`: done, status, length of the text as int32 each, then the text. */
export interface VoteJob {
  readonly path: string;
  readonly body: string;
  readonly shared: SharedArrayBuffer;
}

/** Bytes for status and text. An answer that is longer is cut. */
const sharedBytes = 4_096;
/** Milliseconds beyond the request's own limit before the worker itself counts as lost. */
const graceMs = 100;

/**
 * Asks a remote signer and stands still meanwhile: the consensus kernel wants a vote's signature within one step. Another thread does the
 * asking.
 */
export class VoteLine {
  readonly #endpoint: SignerEndpoint;
  #worker: Worker | undefined;

  constructor(endpoint: SignerEndpoint) {
    this.#endpoint = endpoint;
  }

  /** Resolves when the thread runs. */
  async open(): Promise<void> {
    const worker = new Worker(new URL("voteWorker.ts", import.meta.url), { workerData: this.#endpoint });
    this.#worker = worker;
    await once(worker, "message");
    worker.unref();
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** Status 0, and why, when there was no answer. */
  ask(path: string, body: string): Answer {
    if (!this.#worker) return { status: 0, text: "the line to the signer is not open" };
    const shared = new SharedArrayBuffer(sharedBytes);
    const head = new Int32Array(shared, 0, 3);
    this.#worker.postMessage({ path, body, shared } satisfies VoteJob, []);
    if (Atomics.wait(head, 0, 0, this.#endpoint.timeoutMs + graceMs) === "timed-out")
      return { status: 0, text: `no answer within ${this.#endpoint.timeoutMs} ms` };
    // Decoders take no shared memory: a copy.
    const text = new TextDecoder().decode(new Uint8Array(shared, head.byteLength, head[2]).slice());
    return { status: head[1]!, text };
  }
}
