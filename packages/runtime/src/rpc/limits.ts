import type { ConfigValues } from "../config/config.ts";
import { row } from "../config/rows.ts";

/** Operator options of a JSON-RPC server; every limit of docs/limits.md that concerns it. */
export const rpcConfig = {
  "rpc.host": row.text({
    description: "Address to listen on; anything but loopback is open to others",
    default: "127.0.0.1",
  }),
  "rpc.port": row.integer({
    description: "Port of HTTP, WebSocket, health and metrics; 0 takes a free one",
    default: 0,
    max: 65_535,
  }),
  "rpc.corsOrigins": row.list({ description: "Web origins that may call, `*` for all; none by default", default: [] }),
  "rpc.hosts": row.list({
    description: "Names in the Host header that are served, beside IP addresses; `*` for all. Stops DNS rebinding",
    default: ["localhost"],
  }),
  "rpc.maxBodyBytes": row.integer({
    description: "Longest request body and WebSocket message",
    unit: "bytes",
    default: 5 * 2 ** 20,
    min: 1024,
  }),
  "rpc.maxDepth": row.integer({ description: "Deepest nesting of a request", default: 32, min: 4, max: 512 }),
  "rpc.maxBatch": row.integer({ description: "Calls in one batch", default: 1000, min: 1 }),
  "rpc.maxResponseBytes": row.integer({
    description: "Longest response to a batch; later calls in it are refused",
    unit: "bytes",
    default: 25 * 2 ** 20,
    min: 1024,
  }),
  "rpc.maxSockets": row.integer({
    description: "Open sockets, HTTP and WebSocket together; more are closed at once",
    default: 1024,
    min: 1,
  }),
  "rpc.maxInFlight": row.integer({
    description: "HTTP requests worked on at a time; more are answered with an error",
    default: 512,
    min: 1,
  }),
  "rpc.maxExecuting": row.integer({
    description:
      "Calls of all clients worked on at a time that run the virtual machine; more are answered with an error",
    default: 256,
    min: 1,
  }),
  "rpc.headerTimeoutMs": row.integer({
    description: "Time for a client to send its headers",
    unit: "ms",
    default: 10_000,
    min: 100,
  }),
  "rpc.requestTimeoutMs": row.integer({
    description: "Time for a client to send its whole request",
    unit: "ms",
    default: 30_000,
    min: 100,
  }),
  "rpc.idleTimeoutMs": row.integer({
    description: "A socket on which nothing moves is closed",
    unit: "ms",
    default: 65_000,
    min: 100,
  }),
  "rpc.socketMaxInFlight": row.integer({
    description: "Calls of one WebSocket worked on at a time; the socket is not read meanwhile",
    default: 64,
    min: 1,
  }),
  "rpc.socketMaxBuffered": row.integer({
    description: "Unsent bytes of one WebSocket before it is closed",
    unit: "bytes",
    default: 16 * 2 ** 20,
    min: 1024,
  }),
  "rpc.socketPingMs": row.integer({
    description: "Interval of WebSocket pings; a socket that misses one is closed",
    unit: "ms",
    default: 30_000,
    min: 100,
  }),
  "rpc.maxSubscriptions": row.integer({ description: "Subscriptions of one WebSocket", default: 100, min: 0 }),
} as const;

export type RpcOptions = ConfigValues<typeof rpcConfig>;

/** The options with their defaults, `given` over them. */
export function rpcOptions(given: Partial<RpcOptions> = {}): RpcOptions {
  const defaults = Object.fromEntries(Object.entries(rpcConfig).map(([key, { default: value }]) => [key, value]));
  return { ...(defaults as unknown as RpcOptions), ...given };
}
