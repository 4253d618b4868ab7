import { timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { isIP } from "node:net";
import type { AddressInfo } from "node:net";
import { CommitteeError } from "@metis/committee";
import { remedyOf } from "@metis/protocol";
import { BaseService, listen } from "@metis/runtime";
import type { CounterMetric, Logger, Metrics, Secret } from "@metis/runtime";
import type { SigningDesk } from "./desk.ts";
import { SignerError } from "./errors.ts";

export interface SignerServerOptions {
  readonly desk: SigningDesk;
  readonly host: string;
  readonly port: number;
  /** What callers must show; nobody else gets an answer. */
  readonly token?: Secret | undefined;
  /** PEM of certificate and key. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Bytes of a request: the longest has about 1,000. */
const maxBodyBytes = 8_192;
/** Milliseconds for a request to arrive in full. */
const requestMs = 5_000;

const signPath = /^\/api\/v1\/eth1\/sign\/(0x[0-9a-fA-F]+)$/;

/**
 * A remote signer in the shape of Web3Signer's eth1 API: GET /upcheck and /api/v1/eth1/publicKeys, POST /api/v1/eth1/sign/{key}; and GET
 * /metrics. Beyond loopback it serves only with a token and TLS.
 */
export class SignerServer extends BaseService {
  readonly #options: SignerServerOptions;
  readonly #server: Server;
  readonly #signatures: CounterMetric;

  constructor(options: SignerServerOptions) {
    super("signer");
    const { host, token, tls, metrics } = options;
    if (!isLoopback(host) && !(token && tls))
      throw new SignerError("unsafe-listen", "reject", `to listen on ${host} the signer needs a token and TLS`, {
        host,
      });
    this.#options = options;
    this.#signatures = metrics.counter("signatures", "Signatures asked of this signer", ["type", "outcome"]);
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.#handle(request, response);
    const limits = { requestTimeout: requestMs, headersTimeout: requestMs, keepAliveTimeout: 60_000 };
    this.#server = tls ? createSecureServer({ ...limits, ...tls }, handle) : createServer(limits, handle);
  }

  /** `http://host:port`, once started. */
  get url(): string {
    const { host, tls } = this.#options;
    const port = (this.#server.address() as AddressInfo | null)?.port ?? 0;
    return `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  protected async onStart(): Promise<void> {
    await listen(this.#server, this.#options);
  }

  protected async onStop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => request.destroy());
    try {
      await this.#answer(request, response);
    } catch (error) {
      this.#refuse(response, error);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { desk, metrics } = this.#options;
    const path = (request.url ?? "").split("?")[0] ?? "";
    const reads = request.method === "GET";
    // No page of a browser has business here, whatever name it reached us by.
    if (request.headers.origin !== undefined) return say(response, 403, refusal("forbidden", "not for web pages"));
    if (reads && path === "/upcheck") return say(response, 200, "OK");
    if (!this.#mayAsk(request))
      return say(response, 401, refusal("unauthorised", "the bearer token is missing or wrong"));
    if (reads && path === "/api/v1/eth1/publicKeys") return say(response, 200, JSON.stringify(desk.publicKeys));
    if (reads && path === "/metrics") return say(response, 200, await metrics.render());
    const [, key] = signPath.exec(path) ?? [];
    if (key === undefined || request.method !== "POST") return say(response, 404, refusal("not-found", "no such page"));
    const { type, signature } = await desk.sign(key, await bodyOf(request));
    this.#signatures.inc(1, { type, outcome: "signed" });
    say(response, 200, signature);
  }

  #mayAsk(request: IncomingMessage): boolean {
    const { token } = this.#options;
    if (!token) return true;
    const expected = Buffer.from(`Bearer ${token.reveal()}`);
    const given = Buffer.from(request.headers.authorization ?? "");
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const code = error instanceof CommitteeError || error instanceof SignerError ? error.code : "failed";
    this.#signatures.inc(1, { type: "refused", outcome: code });
    const { logger } = this.#options;
    if (error instanceof CommitteeError) {
      logger.error("refused to sign: slashing protection", { error });
      return say(response, 412, refusal(code, error.message));
    }
    if (!(error instanceof SignerError)) {
      logger.error("a signature failed", { error, remedy: remedyOf(error) });
      return say(response, 500, refusal(code, "the signer failed; its log says why"));
    }
    logger.warn("refused to sign", { error });
    say(response, code === "unknown-key" ? 404 : 400, refusal(code, error.message));
  }
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

const refusal = (code: string, message: string): string => JSON.stringify({ code, message });

function say(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return;
  const type = text.startsWith("{") || text.startsWith("[") ? "application/json" : "text/plain; charset=utf-8";
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
}

/** The JSON of a request. Throws `SignerError` "bad-request". */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
    throw new SignerError("bad-request", "reject", "content-type must be application/json", {});
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new SignerError("bad-request", "reject", "the request is too long", { length });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new SignerError("bad-request", "reject", "the body is not JSON", {});
  }
}
