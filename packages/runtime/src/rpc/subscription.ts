import { WebSocket } from "ws";
import { RpcClientError } from "./client.ts";

export interface SubscriptionOptions {
  /** `http:`, `https:`, `ws:` or `wss:`. */
  readonly url: string;
  /** Such as `eth_subscribe`. */
  readonly method: string;
  readonly params: readonly unknown[];
  /** A notification's result, unchecked: the caller knows its shape. */
  readonly onNotification: (result: unknown) => void;
  /** Called once, when the subscription ends by itself. */
  readonly onEnd: (error: RpcClientError) => void;
  /** Longest wait for socket and answer. */
  readonly timeoutMs?: number;
  /** A longer message ends the subscription. */
  readonly maxMessageBytes?: number;
  /** Ends the subscription as `onEnd` does, also while the answer is waited for. */
  readonly signal?: AbortSignal;
}

/**
 * Subscribes over a WebSocket of its own; resolves, once the server has answered, to what ends it. Throws `RpcClientError`.
 * A server that vanished without a word is not noticed here: whoever waits for notifications knows how long silence may last.
 */
export function openSubscription(options: SubscriptionOptions): Promise<() => void> {
  const { url, method, params, onNotification, onEnd, timeoutMs = 10_000, maxMessageBytes = 4 * 2 ** 20 } = options;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"), {
      maxPayload: maxMessageBytes,
      handshakeTimeout: timeoutMs,
      perMessageDeflate: false,
      followRedirects: false,
    });
    let live = true;
    let id: string | undefined;
    const end = (): void => {
      live = false;
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", aborted);
      socket.terminate();
    };
    const finish = (error: RpcClientError): void => {
      if (!live) return;
      end();
      if (id === undefined) reject(error);
      else onEnd(error);
    };
    const fail = (code: "unreachable" | "timeout" | "bad-response" | "aborted", why: string, cause?: unknown): void =>
      finish(new RpcClientError(code, "retry", `${method}: ${why}`, { method }, { cause }));
    const timer = setTimeout(() => fail("timeout", `no answer in ${timeoutMs} ms`), timeoutMs);
    const aborted = (): void => fail("aborted", "it was called off");
    options.signal?.addEventListener("abort", aborted);
    socket.on("error", (cause) => fail("unreachable", cause.message, cause));
    socket.on("close", (code) => fail("unreachable", `the socket was closed (${code})`));
    if (options.signal?.aborted) aborted();
    socket.on("open", () => socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })));
    socket.on("message", (data: Buffer) => {
      if (!live) return;
      const message = parse(data);
      if (id !== undefined && message?.params?.subscription === id) onNotification(message.params.result);
      else if (id !== undefined || message?.id !== 1) fail("bad-response", "a message that fits nothing");
      else if (typeof message.result !== "string") finish(refusal(method, message.error));
      else {
        id = message.result;
        clearTimeout(timer);
        resolve(end);
      }
    });
  });
}

interface Message {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
  readonly params?: { readonly subscription?: unknown; readonly result?: unknown };
}

function parse(data: Buffer): Message | undefined {
  try {
    const value: unknown = JSON.parse(data.toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function refusal(method: string, error: Message["error"]): RpcClientError {
  const words = typeof error?.message === "string" ? error.message.slice(0, 256) : "an answer that is no subscription";
  const rpcCode = typeof error?.code === "number" ? { rpcCode: error.code } : {};
  return new RpcClientError("rpc-error", "reject", `${method}: ${words}`, { method, ...rpcCode });
}
