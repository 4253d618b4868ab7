import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { systemClock, type Clock } from "../clock.ts";
import { listen } from "../listen.ts";
import { silentLogger, type Logger } from "../logger.ts";
import { createMetrics, type Metrics } from "../metrics.ts";
import { systemRng, type Rng } from "../rng.ts";
import { BaseService, type Health } from "../service.ts";
import { allowedOrigin, hostAllowed } from "./access.ts";
import { Dispatcher } from "./dispatch.ts";
import { HttpHandler } from "./http.ts";
import { rpcOptions, type RpcOptions } from "./limits.ts";
import type { MethodRegistry } from "./registry.ts";
import { SocketConnection } from "./websocket.ts";

export interface JsonRpcServerOptions {
  readonly registry: MethodRegistry;
  /** Rows of `rpcConfig` that differ from their defaults. */
  readonly options?: Partial<RpcOptions>;
  readonly name?: string;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  readonly clock?: Clock;
  readonly rng?: Rng;
  /** What `/healthz` shows; the server's own health when absent. */
  readonly health?: () => Health;
  /** What `/readyz` says; ready while the health is ok when absent. */
  readonly ready?: () => boolean;
  /** JSON of further GET pages by path and query; nothing where there is none. */
  readonly pages?: (url: URL) => Promise<unknown>;
}

/** JSON-RPC 2.0 over HTTP POST and WebSocket on one port, with `/healthz`, `/readyz` and `/metrics`. */
export class JsonRpcServer extends BaseService {
  readonly #options: RpcOptions;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #logger: Logger;
  readonly #dispatcher: Dispatcher;
  readonly #handler: HttpHandler;
  readonly #server: Server;
  readonly #upgrades: WebSocketServer;
  readonly #connections = new Set<SocketConnection>();
  #sockets = 0;
  #cancelPing: () => void = () => undefined;

  constructor(given: JsonRpcServerOptions) {
    super(given.name ?? "rpc");
    this.#options = rpcOptions(given.options);
    this.#clock = given.clock ?? systemClock();
    this.#rng = given.rng ?? systemRng();
    this.#logger = given.logger ?? silentLogger();
    const metrics = given.metrics ?? createMetrics();
    this.#dispatcher = new Dispatcher(given.registry, this.#options, {
      logger: this.#logger,
      clock: this.#clock,
      metrics,
    });
    const health = given.health ?? (() => this.health());
    const ready = given.ready ?? (() => health().status === "ok");
    this.#handler = new HttpHandler(this.#dispatcher, this.#options, {
      metrics,
      health,
      ready,
      ...(given.pages && { other: given.pages }),
    });
    this.#server = this.#makeServer();
    this.#upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: this.#options["rpc.maxBodyBytes"],
      perMessageDeflate: false,
      // Pings are answered by the library; ours are in SocketConnection.
      autoPong: true,
    });
    metrics.observed("rpc_sockets", "Open sockets, HTTP and WebSocket", () => this.#sockets);
    metrics.observed("rpc_websockets", "Open WebSockets", () => this.#connections.size);
  }

  /** Port it listens on, once started. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** `http://host:port`, once started. */
  get url(): string {
    const host = this.#options["rpc.host"];
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  protected async onStart(): Promise<void> {
    await listen(this.#server, { host: this.#options["rpc.host"], port: this.#options["rpc.port"] });
    this.#schedulePing();
    this.#logger.info("listening", { url: this.url });
  }

  protected async onStop(): Promise<void> {
    this.#cancelPing();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    await this.#handler.idle();
    this.#server.closeIdleConnections();
    for (const connection of this.#connections) connection.terminate();
    this.#server.closeAllConnections();
    await closed;
  }

  #makeServer(): Server {
    const server = createServer(
      {
        headersTimeout: this.#options["rpc.headerTimeoutMs"],
        requestTimeout: this.#options["rpc.requestTimeoutMs"],
        connectionsCheckingInterval: Math.min(1000, this.#options["rpc.headerTimeoutMs"]),
        keepAliveTimeout: this.#options["rpc.idleTimeoutMs"],
        maxHeaderSize: 16 * 1024,
      },
      (request, response) => this.#handler.handle(request, response),
    );
    server.timeout = this.#options["rpc.idleTimeoutMs"];
    server.maxConnections = this.#options["rpc.maxSockets"];
    server.on("connection", (socket: Socket) => {
      this.#sockets++;
      socket.once("close", () => this.#sockets--);
    });
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => answerBadHttp(error, socket));
    return server;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const path = request.url?.split("?")[0];
    const refused = !hostAllowed(request, this.#options) || allowedOrigin(request, this.#options) === null;
    if (refused || (path !== "/" && path !== "/ws")) {
      socket.end(
        `HTTP/1.1 ${refused ? "403 Forbidden" : "404 Not Found"}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
      return;
    }
    // The idle timeout of HTTP would cut a quiet subscriber; pings find the dead ones.
    (socket as Socket).setTimeout(0);
    this.#upgrades.handleUpgrade(request, socket, head, (opened) => {
      const connection = new SocketConnection(opened, this.#dispatcher, this.#options, this.#rng);
      this.#connections.add(connection);
      opened.on("close", () => this.#connections.delete(connection));
    });
  }

  #schedulePing(): void {
    this.#cancelPing = this.#clock.after(this.#options["rpc.socketPingMs"], () => {
      for (const connection of this.#connections) connection.ping();
      this.#schedulePing();
    });
  }
}

function answerBadHttp(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const status =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? "408 Request Timeout"
      : error.code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
