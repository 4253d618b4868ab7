import type { IncomingMessage, ServerResponse } from "node:http";
import type { Metrics } from "../metrics.ts";
import type { Health } from "../service.ts";
import { allowedOrigin, hostAllowed } from "./access.ts";
import type { Dispatcher } from "./dispatch.ts";
import { rpcCodes } from "./errors.ts";
import type { RpcOptions } from "./limits.ts";

export interface HttpPages {
  readonly metrics: Metrics;
  /** What `/healthz` shows. */
  health(): Health;
  /** Whether requests are served well; `/readyz`. */
  ready(): boolean;
  /** JSON of other pages by path and query; nothing where there is none. */
  other?(url: URL): Promise<unknown>;
}

/** A body that is too long is still read and thrown away up to this many times the limit, so that its sender sees the answer. */
const drainFactor = 16;

/** Answers HTTP requests: JSON-RPC by POST, health and metrics by GET. */
export class HttpHandler {
  readonly #dispatcher: Dispatcher;
  readonly #options: RpcOptions;
  readonly #pages: HttpPages;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  constructor(dispatcher: Dispatcher, options: RpcOptions, pages: HttpPages) {
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#pages = pages;
  }

  /** Resolves when no request is being worked on. */
  async idle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    // A socket that breaks in the middle needs no answer.
    request.on("error", () => response.destroy());
    response.on("error", () => request.destroy());
    if (!hostAllowed(request, this.#options)) return plain(response, 403, "this host name is not served (rpc.hosts)");
    const origin = allowedOrigin(request, this.#options);
    if (origin === null) return plain(response, 403, "this web origin may not call (rpc.corsOrigins)");
    if (origin !== undefined) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("vary", "origin");
    }
    if (request.method === "POST") return this.#post(request, response);
    if (request.method === "OPTIONS") return preflight(response);
    if (request.method === "GET" || request.method === "HEAD") return void this.#get(request, response);
    plain(response, 405, "send JSON-RPC by POST");
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    // Pages can post plain text across origins without asking; JSON they cannot.
    if (!/^application\/json(-rpc)?\b/i.test(request.headers["content-type"] ?? ""))
      return plain(response, 415, "content-type must be application/json");
    const limit = this.#options["rpc.maxBodyBytes"];
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (length > limit * drainFactor) request.destroy();
    });
    request.on("end", () => {
      if (length > limit)
        return refuse(response, 413, `request of ${length} bytes is too large, at most ${limit} allowed`);
      if (this.#inFlight >= this.#options["rpc.maxInFlight"])
        return refuse(response, 503, "too many requests at a time");
      void this.#answer(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), response);
    });
  }

  async #answer(body: Buffer, response: ServerResponse): Promise<void> {
    this.#inFlight++;
    try {
      const text = await this.#dispatcher.handle(body, { connection: undefined });
      if (text === undefined) response.writeHead(204).end();
      else json(response, 200, text);
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) this.#idle?.();
    }
  }

  async #get(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split("?")[0];
    if (path === "/healthz") {
      const health = this.#pages.health();
      json(response, health.status === "failed" || health.status === "stopped" ? 503 : 200, JSON.stringify(health));
    } else if (path === "/readyz") {
      const ready = this.#pages.ready();
      json(response, ready ? 200 : 503, JSON.stringify({ ready }));
    } else if (path === "/metrics") {
      const { metrics } = this.#pages;
      const text = await metrics.render();
      response.writeHead(200, { "content-type": metrics.contentType }).end(text);
    } else if (!(await this.#other(request, response)))
      plain(response, path === "/" ? 405 : 404, "send JSON-RPC by POST to /; GET has /healthz, /readyz and /metrics");
  }

  /** Answers a page of the program's own; false when it has none of that name. */
  async #other(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = URL.parse(request.url ?? "/", "http://localhost");
    const value = url && (await this.#pages.other?.(url).catch(() => undefined));
    if (value === undefined || value === null) return false;
    json(response, 200, JSON.stringify(value));
    return true;
  }
}

function json(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length }).end(body);
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(`${text}\n`);
}

/** A JSON-RPC error outside any call; the socket is closed after it. */
function refuse(response: ServerResponse, status: number, message: string): void {
  response.setHeader("connection", "close");
  json(
    response,
    status,
    JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: rpcCodes.limitExceeded, message } }),
  );
}

function preflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      "access-control-allow-methods": "POST, GET, OPTIONS",
      "access-control-allow-headers": "content-type",
      "access-control-max-age": "600",
    })
    .end();
}
