import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { RpcClientError } from "./client.ts";
import { withServer } from "./server.fixture.ts";
import { openSubscription } from "./subscription.ts";

/** A subscription that collects what it is told. */
async function collect(url: string, given: { method?: string; timeoutMs?: number; signal?: AbortSignal } = {}) {
  const results: unknown[] = [];
  let wake: () => void = () => undefined;
  const ended = Promise.withResolvers<RpcClientError>();
  const close = await openSubscription({
    url,
    method: "subscribe",
    params: [true],
    maxMessageBytes: 1024,
    ...given,
    onNotification: (result) => {
      results.push(result);
      wake();
    },
    onEnd: ended.resolve,
  });
  const got = async (count: number): Promise<void> => {
    while (results.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { results, got, ended: ended.promise, close };
}

/** A server that answers every message as `answer` says. */
async function withScripted(answer: (socket: WebSocket) => void, body: (url: string) => Promise<void>): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (socket) => socket.on("message", () => answer(socket)));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    for (const socket of server.clients) socket.terminate();
    server.close();
  }
}

test("a subscription delivers notifications in order until it is closed", async () => {
  await withServer({}, async ({ url, emit, listeners }) => {
    const { results, got, close } = await collect(url);
    await got(1);
    emit("later");
    await got(2);
    assert.deepEqual(results, ["at once", "later"]);
    close();
    while (listeners.size > 0) await new Promise(setImmediate);
    emit("unheard");
    assert.equal(results.length, 2);
  });
});

test("the end of the server ends the subscription with an error that says try again", async () => {
  await withServer({}, async ({ url, server }) => {
    const { ended } = await collect(url);
    await server.stop();
    const { code, remedy } = await ended;
    assert.deepEqual([code, remedy], ["unreachable", "retry"]);
  });
});

test("what a server refuses is told with its words", async () => {
  await withServer({}, async ({ url }) => {
    await assert.rejects(collect(url, { method: "nothing" }), { code: "rpc-error", message: /nothing does not exist/ });
  });
});

test("silence, garbage and messages above the limit end it", async () => {
  await withScripted(
    () => undefined,
    (url) => assert.rejects(collect(url, { timeoutMs: 30 }), { code: "timeout" }),
  );
  for (const garbage of ["not json", "[]", "null", '{"id":2,"result":"0x1"}'])
    await withScripted(
      (socket) => socket.send(garbage),
      (url) => assert.rejects(collect(url), { code: "bad-response" }),
    );
  await withScripted(
    (socket) => socket.send("x".repeat(2048)),
    (url) => assert.rejects(collect(url), { code: "unreachable", message: /max payload/i }),
  );
  await withScripted(
    (socket) => {
      socket.send('{"id":1,"result":"0x1"}');
      socket.send('{"params":{"subscription":"0x2","result":1}}');
    },
    async (url) => assert.equal((await (await collect(url)).ended).code, "bad-response"),
  );
});

test("a server that is not there is told at once", async () => {
  await assert.rejects(collect("http://127.0.0.1:9"), { code: "unreachable", remedy: "retry" });
});

test("who waits for a silent server can call it off", async () => {
  await withScripted(
    () => undefined,
    async (url) => {
      const controller = new AbortController();
      const waiting = collect(url, { signal: controller.signal });
      controller.abort();
      await assert.rejects(waiting, { code: "aborted" });
      await assert.rejects(collect(url, { signal: controller.signal }), { code: "aborted" });
    },
  );
});
