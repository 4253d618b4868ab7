import { MetisError } from "@metis/protocol";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { durationBuckets, type CounterMetric, type HistogramMetric, type Metrics } from "../metrics.ts";
import { RpcError, rpcCodes, shown } from "./errors.ts";
import { parseRequest } from "./json.ts";
import type { RpcOptions } from "./limits.ts";
import { JsonText, type MethodRegistry, type RpcContext, type RpcMethod } from "./registry.ts";

type Id = string | number | null;

/** Turns the bytes of a request into the text of its response; `undefined` when nothing is to be answered. Never rejects. */
export class Dispatcher {
  readonly #registry: MethodRegistry;
  readonly #options: RpcOptions;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #duration: HistogramMetric;
  readonly #errors: CounterMetric;
  #executing = 0;

  constructor(
    registry: MethodRegistry,
    options: RpcOptions,
    tools: { logger: Logger; clock: Clock; metrics: Metrics },
  ) {
    this.#registry = registry;
    this.#options = options;
    this.#logger = tools.logger;
    this.#clock = tools.clock;
    const { metrics } = tools;
    this.#duration = metrics.histogram("rpc_request_seconds", "Time to answer a call", durationBuckets, ["method"]);
    this.#errors = metrics.counter("rpc_errors_total", "Calls answered with an error", ["method", "code"]);
  }

  async handle(bytes: Buffer, context: RpcContext): Promise<string | undefined> {
    let request: unknown;
    try {
      request = parseRequest(bytes, this.#options["rpc.maxDepth"]);
    } catch (error) {
      return this.#failure(null, error, "(none)");
    }
    return Array.isArray(request) ? this.#batch(request, context) : this.#single(request, context);
  }

  /** In order, one after the other: a batch costs no more at a time than its dearest call. */
  async #batch(requests: readonly unknown[], context: RpcContext): Promise<string | undefined> {
    const { "rpc.maxBatch": maxBatch, "rpc.maxResponseBytes": maxBytes } = this.#options;
    if (requests.length === 0)
      return this.#failure(null, new RpcError(rpcCodes.invalidRequest, "empty batch"), "(none)");
    if (requests.length > maxBatch) {
      const message = `batch too large: ${requests.length} calls, at most ${maxBatch} allowed`;
      return this.#failure(null, new RpcError(rpcCodes.limitExceeded, message), "(none)");
    }
    const responses: string[] = [];
    let length = 0;
    for (const request of requests) {
      const response = await (length < maxBytes ? this.#single(request, context) : this.#tooLong(request, maxBytes));
      if (response === undefined) continue;
      length += response.length;
      responses.push(response);
    }
    return responses.length > 0 ? `[${responses.join(",")}]` : undefined;
  }

  #tooLong(request: unknown, maxBytes: number): string | undefined {
    const message = `response too large: the batch's answers exceed ${maxBytes} bytes`;
    const id = readId(request);
    if (id === undefined) return undefined;
    return this.#failure(id === "invalid" ? null : id, new RpcError(rpcCodes.limitExceeded, message), "(none)");
  }

  async #single(request: unknown, context: RpcContext): Promise<string | undefined> {
    const id = readId(request);
    const { method: name, params } = isObject(request) ? request : ({} as Record<string, unknown>);
    if (id === "invalid" || !isObject(request) || request["jsonrpc"] !== "2.0" || typeof name !== "string")
      return this.#failure(id === "invalid" ? null : (id ?? null), invalidRequest(request), "(none)");
    const entry = this.#registry.get(name);
    const label = entry ? name : "(unknown)";
    const began = this.#clock.monotonic();
    try {
      if (!entry)
        throw new RpcError(rpcCodes.methodNotFound, `the method ${shortName(name)} does not exist/is not available`);
      const result = await (entry.executes ? this.#execute(entry, params, context) : entry.run(params, context));
      this.#duration.observe((this.#clock.monotonic() - began) / 1000, { method: label });
      return id === undefined
        ? undefined
        : `{"jsonrpc":"2.0","id":${JSON.stringify(id.value)},"result":${toJson(result)}}`;
    } catch (error) {
      return id === undefined ? undefined : this.#failure(id, error, label);
    }
  }

  async #execute(entry: RpcMethod, params: unknown, context: RpcContext): Promise<unknown> {
    if (this.#executing >= this.#options["rpc.maxExecuting"])
      throw new RpcError(rpcCodes.limitExceeded, "too many calls at a time that execute: try again later");
    this.#executing++;
    try {
      return await entry.run(params, context);
    } finally {
      this.#executing--;
    }
  }

  #failure(id: { value: Id } | null, error: unknown, label: string): string {
    const { code, message, data } = this.#describe(error, label);
    this.#errors.inc(1, { method: label, code: String(code) });
    return JSON.stringify({
      jsonrpc: "2.0",
      id: id?.value ?? null,
      error: { code, message, ...(data === undefined ? {} : { data }) },
    });
  }

  /** What the client is told. The text of a bug stays in the log. */
  #describe(error: unknown, label: string): { code: number; message: string; data?: unknown } {
    if (error instanceof RpcError) return { code: error.rpcCode, message: error.message, data: error.payload.data };
    if (error instanceof MetisError)
      return { code: rpcCodes.serverError, message: error.message, data: { reason: error.code } };
    this.#logger.error("a call failed unexpectedly", { method: label, error });
    return { code: rpcCodes.internal, message: "internal error" };
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The id; `undefined` for a notification, `"invalid"` when it is of a wrong type. */
function readId(request: unknown): { value: Id } | undefined | "invalid" {
  if (!isObject(request) || !Object.hasOwn(request, "id")) return undefined;
  const value = request["id"];
  return typeof value === "string" || typeof value === "number" || value === null ? { value } : "invalid";
}

const toJson = (result: unknown): string => (result instanceof JsonText ? result.text : JSON.stringify(result ?? null));

const maxNameLength = 64;
const shortName = (name: string): string => (name.length > maxNameLength ? `${name.slice(0, maxNameLength)}...` : name);

function invalidRequest(request: unknown): RpcError {
  const what = isObject(request)
    ? `needs "jsonrpc": "2.0", a text "method" and an "id"`
    : `expected an object, got ${shown(request)}`;
  return new RpcError(rpcCodes.invalidRequest, `invalid request: ${what}`);
}
