import { MetisError, type Remedy } from "@metis/protocol";
import { sendPost } from "./post.ts";

export type RpcClientCode = "unreachable" | "timeout" | "bad-response" | "rpc-error" | "aborted";

/** A call that failed: on the way (`retry`), or with an error of the server (`rpc-error`, whose payload is the server's). */
export class RpcClientError extends MetisError<
  RpcClientCode,
  { readonly method: string; readonly rpcCode?: number; readonly data?: unknown }
> {
  override readonly name = "RpcClientError";
}

export interface RpcClientOptions {
  readonly url: string;
  readonly timeoutMs?: number;
  /** Longest answer that is read. */
  readonly maxResponseBytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RpcCall {
  readonly method: string;
  readonly params?: readonly unknown[];
}

export type RpcOutcome = { readonly result: unknown } | { readonly error: RpcClientError };

export interface RpcClient {
  readonly url: string;
  /** The result, unchecked: the caller knows its shape. */
  request<T>(method: string, params?: readonly unknown[], signal?: AbortSignal): Promise<T>;
  /** Many calls in one request; an outcome for each, in order. */
  batch(calls: readonly RpcCall[], signal?: AbortSignal): Promise<readonly RpcOutcome[]>;
}

interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

/** JSON-RPC 2.0 over HTTP. Does not retry by itself: the loop around it knows when that makes sense. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  let lastId = 0;
  const post = async (label: string, body: string, signal?: AbortSignal): Promise<unknown> => {
    const deadline = AbortSignal.timeout(options.timeoutMs ?? 30_000);
    try {
      const answer = await sendPost({
        url: options.url,
        headers: { "content-type": "application/json", ...options.headers },
        body,
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      const text = await readLimited(answer.body, options.maxResponseBytes ?? 64 * 2 ** 20, label);
      return parseAnswer(text, answer.status, label);
    } catch (error) {
      if (error instanceof RpcClientError) throw error;
      if (signal?.aborted) throw failure("aborted", "retry", `${label} was called off`, label, error);
      if (deadline.aborted)
        throw failure("timeout", "retry", `${label}: no answer in ${options.timeoutMs ?? 30_000} ms`, label, error);
      throw failure(
        "unreachable",
        "retry",
        `${label}: ${hostOf(options.url)} cannot be reached: ${causeOf(error)}`,
        label,
        error,
      );
    }
  };
  return {
    url: options.url,
    async request<T>(method: string, params: readonly unknown[] = [], signal?: AbortSignal): Promise<T> {
      const id = ++lastId;
      const answer = await post(method, JSON.stringify({ jsonrpc: "2.0", id, method, params }), signal);
      const outcome = readAnswer(answer as Answer, id, method);
      if ("error" in outcome) throw outcome.error;
      return outcome.result as T;
    },
    async batch(calls, signal) {
      if (calls.length === 0) return [];
      const first = lastId + 1;
      lastId += calls.length;
      const requests = calls.map(({ method, params = [] }, index) => ({
        jsonrpc: "2.0",
        id: first + index,
        method,
        params,
      }));
      const answer = await post(`batch of ${calls.length}`, JSON.stringify(requests), signal);
      if (!Array.isArray(answer)) {
        const refused = readAnswer(answer as Answer, null, "batch");
        throw "error" in refused
          ? refused.error
          : failure("bad-response", "retry", "a batch was answered with no array", "batch");
      }
      const byId = new Map((answer as Answer[]).map((entry) => [entry?.id, entry]));
      return calls.map(({ method }, index) => readAnswer(byId.get(first + index), first + index, method));
    },
  };
}

const failure = (
  code: RpcClientCode,
  remedy: Remedy,
  message: string,
  method: string,
  cause?: unknown,
): RpcClientError => new RpcClientError(code, remedy, message, { method }, { cause });

/** Host and port only: a path may carry an access key. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "(bad URL)";
}

const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error
    ? cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
    : String(cause);
};

async function readLimited(body: AsyncIterable<Uint8Array>, limit: number, label: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit)
      throw failure("bad-response", "reject", `${label}: the answer is longer than ${limit} bytes`, label);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseAnswer(text: string, status: number, label: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, with the status, which says more than the parser.
  }
  throw failure("bad-response", "retry", `${label}: HTTP ${status} without a JSON-RPC answer`, label);
}

function readAnswer(answer: Answer | undefined, id: number | null, method: string): RpcOutcome {
  const error = answer?.error;
  if (error !== undefined && error !== null) {
    const message = `${method}: ${typeof error.message === "string" ? error.message : "error without a message"}`;
    const rpcCode = typeof error.code === "number" ? { rpcCode: error.code } : {};
    return { error: new RpcClientError("rpc-error", "reject", message, { method, ...rpcCode, data: error.data }) };
  }
  if (answer === undefined || answer.id !== id || !("result" in answer))
    return { error: failure("bad-response", "retry", `${method}: the answer does not fit the call`, method) };
  return { result: answer.result };
}
