import type { WebSocket } from "ws";
import type { Rng } from "../rng.ts";
import type { Dispatcher } from "./dispatch.ts";
import { RpcError, rpcCodes } from "./errors.ts";
import type { RpcOptions } from "./limits.ts";
import type { RpcConnection } from "./registry.ts";

interface Subscription {
  stop: () => void;
  /** Notifications held back until the answer that tells the client the id is out. */
  held: string[] | undefined;
}

/** WebSocket close code "try again later". */
const overloaded = 1013;

/** One WebSocket client: its calls, its subscriptions and what is still to be sent to it. */
export class SocketConnection implements RpcConnection {
  readonly #socket: WebSocket;
  readonly #dispatcher: Dispatcher;
  readonly #options: RpcOptions;
  readonly #rng: Rng;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Messages read while as many calls as allowed were worked on: what one packet held, no more. */
  readonly #waiting: Buffer[] = [];
  #inFlight = 0;
  #alive = true;

  constructor(socket: WebSocket, dispatcher: Dispatcher, options: RpcOptions, rng: Rng) {
    this.#socket = socket;
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#rng = rng;
    socket.on("message", (data: Buffer) => {
      this.#waiting.push(data);
      this.#work();
    });
    socket.on("pong", () => (this.#alive = true));
    socket.on("close", () => this.#end());
    // A protocol error, such as a frame that is too large: the library closes the socket with the fitting code.
    socket.on("error", () => undefined);
  }

  subscribe(start: (send: (result: unknown) => void) => () => void, method = "eth_subscription"): string {
    const max = this.#options["rpc.maxSubscriptions"];
    if (this.#subscriptions.size >= max)
      throw new RpcError(rpcCodes.limitExceeded, `too many subscriptions: at most ${max} on one socket`);
    const id = `0x${Buffer.from(this.#rng.bytes(16)).toString("hex")}`;
    const subscription: Subscription = { stop: () => undefined, held: [] };
    this.#subscriptions.set(id, subscription);
    subscription.stop = start((result) => this.#notify(id, method, result));
    return id;
  }

  unsubscribe(id: string): boolean {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return false;
    this.#subscriptions.delete(id);
    subscription.stop();
    return true;
  }

  /** Pings; a socket that did not answer the one before is cut. */
  ping(): void {
    if (!this.#alive) return this.#socket.terminate();
    this.#alive = false;
    this.#socket.ping();
  }

  close(): void {
    this.#socket.close(1001, "the server stops");
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Starts what may be started; the socket is read on only when nothing waits. */
  #work(): void {
    while (this.#inFlight < this.#options["rpc.socketMaxInFlight"]) {
      const data = this.#waiting.shift();
      if (!data) break;
      this.#inFlight++;
      void this.#answer(data);
    }
    if (this.#waiting.length > 0) this.#socket.pause();
    else if (this.#socket.isPaused) this.#socket.resume();
  }

  async #answer(data: Buffer): Promise<void> {
    const text = await this.#dispatcher.handle(data, { connection: this });
    if (text !== undefined) this.#send(text);
    this.#release();
    this.#inFlight--;
    this.#work();
  }

  #notify(id: string, method: string, result: unknown): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return;
    const text = JSON.stringify({ jsonrpc: "2.0", method, params: { subscription: id, result } });
    if (subscription.held) subscription.held.push(text);
    else this.#send(text);
  }

  #release(): void {
    for (const subscription of this.#subscriptions.values()) {
      const { held } = subscription;
      subscription.held = undefined;
      for (const text of held ?? []) this.#send(text);
    }
  }

  #send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > this.#options["rpc.socketMaxBuffered"]) {
      // The client reads slower than it asks. A close frame would wait behind what it does not read.
      this.#socket.close(overloaded, "reads too slowly");
      this.#socket.terminate();
      return;
    }
    this.#socket.send(text);
  }

  #end(): void {
    this.#waiting.length = 0;
    for (const id of this.#subscriptions.keys()) this.unsubscribe(id);
  }
}
