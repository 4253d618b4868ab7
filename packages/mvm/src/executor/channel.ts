import { Worker, type MessagePort } from "node:worker_threads";
import type { Remedy } from "@metis/protocol";
import { MvmError } from "../errors.ts";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Failure {
  readonly code: string | undefined;
  readonly message: string;
  readonly remedy: Remedy | undefined;
  readonly payload: object;
  readonly stack: string | undefined;
}

type Message =
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "event"; readonly event: unknown };

/** Methods a worker offers, by name; answers may be promises, which the next request waits for, `Later` or `Moved`. */
export type Handlers = Readonly<Record<string, (...args: never[]) => unknown>>;

/** An answer that comes when `promise` does, while the worker goes on with other requests. */
export class Later {
  readonly promise: Promise<unknown>;

  constructor(promise: Promise<unknown>) {
    this.promise = promise;
    // Whoever asked is told; that nobody listens yet is no fault.
    promise.catch(() => {});
  }
}

/** An answer whose bytes move to the asking thread, so that nothing is copied. */
export class Moved {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** What can move: memory that nothing else lies in. */
  get transfers(): ArrayBuffer[] {
    const { buffer, byteLength } = this.bytes;
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
  }
}

function describe(error: unknown): Failure {
  const known = error instanceof MvmError ? error : undefined;
  const base = error instanceof Error ? error : new Error(String(error));
  return {
    code: known?.code,
    message: base.message,
    remedy: known?.remedy,
    payload: known?.payload ?? {},
    stack: base.stack,
  };
}

function restore(failure: Failure): Error {
  if (failure.code !== undefined) return new MvmError(failure.code, failure.message, failure.remedy, failure.payload);
  const error = new Error(failure.message);
  error.stack = failure.stack ?? error.stack!;
  return error;
}

/** Serves what `start` returns on `port`: one request after the other. When `start` throws, every request gets that. */
export function serve(port: MessagePort, start: () => Handlers): void {
  const ready = (async () => start())();
  const succeed = (id: number, value: unknown): void =>
    port.postMessage({ kind: "result", id, value } satisfies Message);
  const fail = (id: number, error: unknown): void =>
    port.postMessage({ kind: "failure", id, failure: describe(error) } satisfies Message);
  const answer = async ({ id, method, args }: Request): Promise<void> => {
    try {
      const handler = (await ready)[method] as ((...args: readonly unknown[]) => unknown) | undefined;
      if (handler === undefined) throw new TypeError(`no method ${method}`);
      const value = await handler(...args);
      if (value instanceof Later) value.promise.then((result) => succeed(id, result)).catch((error) => fail(id, error));
      else if (value instanceof Moved)
        port.postMessage({ kind: "result", id, value: value.bytes } satisfies Message, value.transfers);
      else succeed(id, value);
    } catch (error) {
      fail(id, error);
    }
  };
  let last: Promise<unknown> = ready.catch(() => {});
  port.on("message", (request: Request) => {
    last = last.then(() => answer(request));
  });
}

/** Reports something that is no answer, progress say. */
export const report = (port: MessagePort, event: unknown): void =>
  port.postMessage({ kind: "event", event } satisfies Message);

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** The other end: calls methods of a worker. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onEvent: ((event: unknown) => void) | undefined;
  readonly #whenLost: Remedy;
  #next = 0;
  #lost: MvmError | undefined;

  /** `name`: a module beside this one, without extension. `whenLost`: what callers do when the thread is gone. */
  constructor(name: string, workerData: unknown, whenLost: Remedy, onEvent?: (event: unknown) => void) {
    this.#whenLost = whenLost;
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#worker = new Worker(new URL(`./${name}.${extension}`, import.meta.url), { workerData, name });
    this.#onEvent = onEvent;
    this.#worker.on("message", (message: Message) => this.#receive(message));
    this.#worker.on("error", (error: Error) => this.#lose(`The worker ${name} failed: ${error.message}`, error));
    this.#worker.on("exit", () => this.#lose(`The worker ${name} ended.`));
  }

  /** True once the thread is gone; every later call fails with "worker-lost". */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Requests without an answer yet. */
  get load(): number {
    return this.#waiting.size;
  }

  /** The answer of `method`. Throws what it threw, or `MvmError` "worker-lost". */
  call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, args } satisfies Request, []);
    });
  }

  async terminate(): Promise<void> {
    this.#lost ??= new MvmError("closed", "The engine is closed.");
    await this.#worker.terminate();
  }

  #receive(message: Message): void {
    if (message.kind === "event") return this.#onEvent?.(message.event);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === "result") waiting?.resolve(message.value as never);
    else waiting?.reject(restore(message.failure));
  }

  #lose(message: string, cause?: Error): void {
    this.#lost ??= new MvmError("worker-lost", message, this.#whenLost, {}, cause && { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }
}
