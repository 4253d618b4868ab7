import { once } from "node:events";
import type { WebSocket } from "ws";
import { silentLogger } from "../logger.ts";
import { param } from "./params.ts";
import { executing, method, MethodRegistry } from "./registry.ts";
import { JsonRpcServer, type JsonRpcServerOptions } from "./server.ts";

/** A server with methods that tests need, and handles on their inside. */
export interface ServerFixture {
  readonly url: string;
  readonly server: JsonRpcServer;
  /** Arguments of `echo`, in order. */
  readonly calls: unknown[];
  /** Live subscriptions. */
  readonly listeners: Set<(value: unknown) => void>;
  readonly emit: (value: unknown) => void;
  /** Lets every `block` and `execute` call return. */
  readonly release: () => void;
  /** Resolves when `count` calls of `block` are waiting. */
  readonly blocked: (count: number) => Promise<void>;
  /** How many calls of `block` have begun. */
  readonly begun: () => number;
}

/** Runs `body` against a fresh server on a free port and stops it. */
export async function withServer(
  given: Omit<JsonRpcServerOptions, "registry">,
  body: (fixture: ServerFixture) => Promise<void>,
): Promise<void> {
  const calls: unknown[] = [];
  const listeners = new Set<(value: unknown) => void>();
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  let onBegin: () => void = () => undefined;
  const gated = method([], async () => {
    begun++;
    onBegin();
    await gate.promise;
    return "released";
  });
  const registry = new MethodRegistry().addAll({
    echo: method([param.any], ([value]) => {
      calls.push(value);
      return value;
    }),
    typed: method(
      [param.address, param.optional(param.object({ value: param.optional(param.quantity) }))],
      ([address, rest]) => [address, rest?.value?.toString()],
    ),
    broken: method([], () => {
      throw new TypeError("secret inside");
    }),
    large: method([param.count], ([length]) => "x".repeat(length)),
    block: gated,
    ...executing({ execute: gated }),
    subscribe: method([param.boolean], ([eager], { connection }) =>
      connection?.subscribe((send) => {
        listeners.add(send);
        if (eager) send("at once");
        return () => listeners.delete(send);
      }),
    ),
    unsubscribe: method([param.text], ([id], { connection }) => connection?.unsubscribe(id)),
  });
  const server = new JsonRpcServer({ registry, logger: silentLogger(), ...given });
  await server.start();
  const release = (): void => gate.resolve();
  try {
    await body({
      url: server.url,
      server,
      calls,
      listeners,
      emit: (value) => {
        for (const listener of listeners) listener(value);
      },
      release,
      blocked: (count) =>
        new Promise((resolve) => {
          onBegin = () => {
            if (begun >= count) resolve();
          };
          onBegin();
        }),
      begun: () => begun,
    });
  } finally {
    release();
    await server.stop();
  }
}

/** Posts `body`, as JSON unless it is text already. */
export async function post(url: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
}

/** The result or error of one call. */
export async function call(url: string, name: string, params: unknown): Promise<unknown> {
  const { json } = await post(url, { jsonrpc: "2.0", id: 1, method: name, params });
  const { result, error } = json as { result?: unknown; error?: unknown };
  return error === undefined ? { result } : { error };
}

export async function opened(socket: WebSocket): Promise<void> {
  await once(socket, "open");
}

/** Close code of a socket. */
export async function closed(socket: WebSocket): Promise<number> {
  if (socket.readyState === socket.CLOSED) return 0;
  const [code] = (await once(socket, "close")) as [number];
  return code;
}
