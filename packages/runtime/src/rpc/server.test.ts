import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { createRpcClient } from "./client.ts";
import { call, closed, opened, post, withServer } from "./server.fixture.ts";

test("answers a call with the id it came with", async () => {
  await withServer({}, async ({ url }) => {
    for (const id of [1, "a", null, 1.5])
      assert.deepEqual(await post(url, { jsonrpc: "2.0", id, method: "echo", params: ["x"] }), {
        status: 200,
        json: { jsonrpc: "2.0", id, result: "x" },
      });
  });
});

test("a notification runs and gets no answer", async () => {
  await withServer({}, async ({ url, calls }) => {
    const { status } = await post(url, { jsonrpc: "2.0", method: "echo", params: ["x"] });
    assert.equal(status, 204);
    assert.deepEqual(calls, ["x"]);
  });
});

test("a batch is answered in order, without its notifications", async () => {
  await withServer({}, async ({ url }) => {
    const { json } = await post(url, [
      { jsonrpc: "2.0", id: 1, method: "echo", params: [1] },
      { jsonrpc: "2.0", method: "echo", params: [2] },
      { jsonrpc: "2.0", id: 3, method: "nothing" },
    ]);
    assert.deepEqual(json, [
      { jsonrpc: "2.0", id: 1, result: 1 },
      { jsonrpc: "2.0", id: 3, error: { code: -32601, message: "the method nothing does not exist/is not available" } },
    ]);
  });
});

test("a wrong argument is told by position and by what was expected", async () => {
  await withServer({}, async ({ url }) => {
    const expectations: [unknown[], string][] = [
      [["0x12"], 'invalid argument 0: expected an address (0x and 40 hex digits), got "0x12"'],
      [[], "missing value for required argument 0"],
      [
        [`0x${"aa".repeat(20)}`, { value: "0x01" }],
        'invalid argument 1.value: expected a quantity (0x and hex digits without leading zeros), got "0x01"',
      ],
      [[`0x${"aa".repeat(20)}`, {}, 1], "too many arguments, want at most 2"],
    ];
    for (const [params, message] of expectations)
      assert.deepEqual(await call(url, "typed", params), { error: { code: -32602, message } });
    assert.deepEqual(await call(url, "typed", { to: 1 }), {
      error: { code: -32602, message: "invalid params: expected an array" },
    });
    assert.deepEqual(await call(url, "typed", [`0x${"AA".repeat(20)}`, { value: "0x10" }]), {
      result: [`0x${"aa".repeat(20)}`, "16"],
    });
  });
});

test("a bug in a method is an internal error that says nothing of its inside", async () => {
  await withServer({}, async ({ url }) => {
    assert.deepEqual(await call(url, "broken", []), { error: { code: -32603, message: "internal error" } });
  });
});

test("health, readiness and metrics stand on the same port", async () => {
  const state = { status: "ok" as "ok" | "failed", ready: true };
  await withServer({ health: () => ({ status: state.status }), ready: () => state.ready }, async ({ url }) => {
    const status = async (path: string): Promise<number> => (await fetch(url + path)).status;
    assert.deepEqual([await status("/healthz"), await status("/readyz")], [200, 200]);
    Object.assign(state, { status: "failed", ready: false });
    assert.deepEqual([await status("/healthz"), await status("/readyz"), await status("/else")], [503, 503, 404]);
    await call(url, "echo", ["x"]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assert.match(metrics, /metis_rpc_request_seconds_count\{method="echo"\} 1/);
  });
});

test("web pages may call only from listed origins, and are told so by preflight", async () => {
  await withServer({ options: { "rpc.corsOrigins": ["https://wallet.example"] } }, async ({ url }) => {
    const ask = (origin: string, method: string) =>
      fetch(url, {
        method,
        headers: { origin, "content-type": "application/json" },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
    const good = await ask("https://wallet.example", "OPTIONS");
    assert.equal(good.headers.get("access-control-allow-origin"), "https://wallet.example");
    assert.equal((await ask("https://wallet.example", "POST")).status, 200);
    assert.equal((await ask("https://evil.example", "POST")).status, 403);
    assert.equal((await ask("https://evil.example", "OPTIONS")).status, 403);
    const socket = new WebSocket(url.replace("http", "ws"), { origin: "https://evil.example" });
    await assert.rejects(opened(socket), /403/);
  });
});

test("a WebSocket carries calls and subscriptions, the id before the first notification", async () => {
  await withServer({}, async ({ url, emit }) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    await opened(socket);
    const messages: unknown[] = [];
    const got = (count: number): Promise<void> =>
      new Promise((resolve) => {
        socket.on("message", (data: Buffer) => {
          messages.push(JSON.parse(data.toString()));
          if (messages.length === count) resolve();
        });
      });
    const four = got(4);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscribe", params: [true] }));
    socket.once("message", () => {
      emit("later");
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 2, method: "echo", params: ["x"] }));
    });
    await four;
    const id = (messages[0] as { result: string }).result;
    const note = (result: string) => ({
      jsonrpc: "2.0",
      method: "eth_subscription",
      params: { subscription: id, result },
    });
    assert.deepEqual(messages.slice(1), [note("at once"), note("later"), { jsonrpc: "2.0", id: 2, result: "x" }]);
    socket.close();
    await closed(socket);
  });
});

test("unsubscribing and closing the socket end a subscription", async () => {
  await withServer({}, async ({ url, listeners }) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    await opened(socket);
    const ask = (request: object): Promise<{ result: unknown }> =>
      new Promise((resolve) => {
        socket.once("message", (data: Buffer) => resolve(JSON.parse(data.toString()) as { result: unknown }));
        socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, ...request }));
      });
    const { result: id } = await ask({ method: "subscribe", params: [false] });
    assert.equal(listeners.size, 1);
    assert.equal((await ask({ method: "unsubscribe", params: [id] })).result, true);
    assert.equal((await ask({ method: "unsubscribe", params: [id] })).result, false);
    assert.equal(listeners.size, 0);
    await ask({ method: "subscribe", params: [false] });
    socket.close();
    await closed(socket);
    await call(url, "echo", []);
    assert.equal(listeners.size, 0);
  });
});

test("stop answers the calls being worked on and closes sockets", async () => {
  await withServer({}, async ({ url, server, release, blocked }) => {
    const answer = call(url, "block", []);
    const socket = new WebSocket(url.replace("http", "ws"));
    await opened(socket);
    await blocked(1);
    const gone = closed(socket);
    const stopping = server.stop();
    release();
    assert.deepEqual(await answer, { result: "released" });
    await Promise.all([stopping, gone]);
    await assert.rejects(createRpcClient({ url }).request("echo"), { code: "unreachable", remedy: "retry" });
  });
});

test("a port that is taken is said so", async () => {
  await withServer({}, async ({ server }) => {
    const taken = { options: { "rpc.port": server.port } };
    await assert.rejects(
      withServer(taken, () => Promise.resolve()),
      { code: "port-taken", remedy: "halt" },
    );
  });
});
