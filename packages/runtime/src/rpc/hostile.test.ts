import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { WebSocket } from "ws";
import { call, closed, opened, post, withServer, type ServerFixture } from "./server.fixture.ts";
import type { RpcOptions } from "./limits.ts";

const errorOf = (json: unknown): { code: number; message: string } =>
  (json as { error: { code: number; message: string } }).error;
const codeOf = (json: unknown): number => errorOf(json).code;

/** Runs an attack, then shows that the server still answers. */
async function survives(
  options: Partial<RpcOptions>,
  attack: (fixture: ServerFixture) => Promise<void>,
): Promise<void> {
  await withServer({ options }, async (fixture) => {
    await attack(fixture);
    assert.deepEqual(await call(fixture.url, "echo", ["alive"]), { result: "alive" });
  });
}

const portOf = (url: string): number => Number(new URL(url).port);

/** A raw socket that gathers what it receives. */
function rawSocket(url: string): { socket: Socket; received: () => string; ended: Promise<unknown> } {
  const socket = connect(portOf(url), "127.0.0.1");
  let text = "";
  socket.on("data", (data: Buffer) => (text += data.toString("latin1")));
  socket.on("error", () => undefined);
  return { socket, received: () => text, ended: once(socket, "close") };
}

test("malformed JSON gets a parse error", async () => {
  await survives({}, async ({ url }) => {
    for (const body of ["", "{", '{"jsonrpc":', "[1,", "nul", '{"a":1}}', "\u0000", '"unclosed'])
      assert.equal(codeOf((await post(url, body)).json), -32700, JSON.stringify(body));
  });
});

test("what is JSON but no request gets an invalid request error", async () => {
  await survives({}, async ({ url }) => {
    for (const body of [
      1,
      null,
      "x",
      {},
      { id: 1 },
      { jsonrpc: "1.0", id: 1, method: "echo" },
      { jsonrpc: "2.0", id: {}, method: "echo" },
      [],
    ])
      assert.equal(codeOf((await post(url, JSON.stringify(body))).json), -32600, JSON.stringify(body));
    const { json } = await post(url, [1, { jsonrpc: "2.0", id: 2, method: "echo", params: ["x"] }]);
    assert.deepEqual((json as unknown[])[1], { jsonrpc: "2.0", id: 2, result: "x" });
  });
});

test("bytes that are not UTF-8 get a parse error", async () => {
  await survives({}, async ({ url }) => {
    const body = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"echo","params":["'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"]}'),
    ]);
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(codeOf(await response.json()), -32700);
  });
});

test("deep nesting gets a parse error, braces in texts do not count", async () => {
  await survives({ "rpc.maxDepth": 8 }, async ({ url }) => {
    for (const depth of [9, 1_000_000]) {
      const body = `{"jsonrpc":"2.0","id":1,"method":"echo","params":[${"[".repeat(depth)}${"]".repeat(depth)}]}`;
      assert.equal(codeOf((await post(url, body)).json), -32700);
    }
    const text = `"${"[{".repeat(100)}\\"[[[[[[[[[["`;
    assert.deepEqual(await call(url, "echo", [text]), { result: text });
  });
});

test("a body of 50 MB is refused with its size, by announcement or by arrival", async () => {
  await survives({}, async ({ url }) => {
    const body = Buffer.alloc(50 * 2 ** 20, 0x20);
    const announced = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(announced.status, 413);
    assert.match(errorOf(await announced.json()).message, /52428800 bytes is too large, at most 5242880/);
    const chunks = async function* (): AsyncGenerator<Buffer> {
      for (let i = 0; i < 6; i++) yield body.subarray(0, 2 ** 20);
    };
    const streamed = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: chunks(),
      duplex: "half",
    } as unknown as RequestInit);
    assert.equal(streamed.status, 413);
  });
});

test("a huge batch is refused as a whole, and long answers end a batch", async () => {
  await survives({ "rpc.maxBatch": 10, "rpc.maxResponseBytes": 2048 }, async ({ url }) => {
    const echo = (id: number) => ({ jsonrpc: "2.0", id, method: "large", params: [1000] });
    const tooMany = await post(
      url,
      Array.from({ length: 11 }, (_, id) => echo(id)),
    );
    assert.deepEqual(tooMany.json, {
      jsonrpc: "2.0",
      id: null,
      error: { code: -32005, message: "batch too large: 11 calls, at most 10 allowed" },
    });
    const { json } = await post(
      url,
      Array.from({ length: 5 }, (_, id) => echo(id)),
    );
    assert.deepEqual(
      (json as { error?: { code: number } }[]).map(({ error }) => error?.code),
      [undefined, undefined, -32005, -32005, -32005],
    );
  });
});

test("keys that poison prototypes change nothing", async () => {
  await survives({}, async ({ url }) => {
    const evil = `{"jsonrpc":"2.0","id":1,"method":"typed","params":["0x${"aa".repeat(20)}",{"__proto__":{"value":"0x5","polluted":1},"constructor":{"prototype":{"polluted":1}}}]}`;
    const { json } = await post(url, evil);
    assert.deepEqual(json, { jsonrpc: "2.0", id: 1, result: [`0x${"aa".repeat(20)}`, null] });
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"])
      assert.equal(codeOf((await post(url, { jsonrpc: "2.0", id: 1, method: name })).json), -32601);
  });
});

test("any bytes at all get an answer in JSON-RPC", async () => {
  await survives({}, async ({ url }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        async (body) => {
          const response = await fetch(url, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: Buffer.from(body),
          });
          const text = await response.text();
          const answers = [JSON.parse(text)].flat() as { jsonrpc: string }[];
          assert.ok(
            answers.every(({ jsonrpc }) => jsonrpc === "2.0"),
            text,
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("a client that never ends its headers or its body is cut off", async () => {
  await survives({ "rpc.headerTimeoutMs": 150, "rpc.requestTimeoutMs": 300 }, async ({ url }) => {
    const head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const slow = [head, `${head}content-length: 100\r\n\r\n{"json`].map((text) => {
      const raw = rawSocket(url);
      raw.socket.write(text);
      return raw;
    });
    await Promise.all(slow.map(({ ended }) => ended));
    for (const { received } of slow) assert.match(received(), /^HTTP\/1\.1 408 /);
  });
});

test("a socket on which nothing is said is closed", async () => {
  await survives({ "rpc.idleTimeoutMs": 100 }, async ({ url }) => {
    await rawSocket(url).ended;
  });
});

test("what is not HTTP is answered with 400 and closed", async () => {
  await survives({}, async ({ url }) => {
    const raw = rawSocket(url);
    raw.socket.write("\u0016\u0003\u0001 hello\r\n\r\n");
    await raw.ended;
    assert.match(raw.received(), /^HTTP\/1\.1 400 /);
  });
});

test("more sockets than allowed are closed at once", async () => {
  await survives({ "rpc.maxSockets": 3 }, async ({ url }) => {
    const held = Array.from({ length: 3 }, () => rawSocket(url));
    await Promise.all(held.map(({ socket }) => once(socket, "connect")));
    await rawSocket(url).ended;
    for (const { socket } of held) socket.destroy();
    await Promise.all(held.map(({ ended }) => ended));
  });
});

test("more requests at a time than allowed get an error", async () => {
  await survives({ "rpc.maxInFlight": 2 }, async ({ url, blocked, release }) => {
    const waiting = [call(url, "block", []), call(url, "block", [])];
    await blocked(2);
    const { status, json } = await post(url, { jsonrpc: "2.0", id: 1, method: "echo" });
    assert.equal(status, 503);
    assert.equal(codeOf(json), -32005);
    release();
    await Promise.all(waiting);
  });
});

test("calls that execute have a share of their own: more get an error, and all others are served", async () => {
  await survives({ "rpc.maxExecuting": 2, "rpc.maxInFlight": 4 }, async ({ url, blocked, release }) => {
    const waiting = [call(url, "execute", []), call(url, "execute", [])];
    await blocked(2);
    for (let more = 0; more < 4; more++) {
      const { status, json } = await post(url, { jsonrpc: "2.0", id: 1, method: "execute" });
      assert.equal(status, 200);
      assert.equal(codeOf(json), -32005);
    }
    assert.deepEqual(await call(url, "echo", ["cheap"]), { result: "cheap" });
    release();
    assert.deepEqual(await Promise.all(waiting), [{ result: "released" }, { result: "released" }]);
    assert.deepEqual(await call(url, "execute", []), { result: "released" });
  });
});

test("a foreign Host header is refused, as DNS rebinding sends it", async () => {
  await survives({}, async ({ url }) => {
    for (const [host, status] of [
      ["evil.example", 403],
      ["localhost.evil.example", 403],
      ["localhost:1234", 200],
      ["127.0.0.1", 200],
      ["[::1]:80", 200],
    ] as const) {
      const raw = rawSocket(url);
      const body = '{"jsonrpc":"2.0","id":1,"method":"echo"}';
      raw.socket.write(
        `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await raw.ended;
      assert.match(raw.received(), new RegExp(`^HTTP/1\\.1 ${status} `), host);
    }
    const socket = new WebSocket(url.replace("http", "ws"), { headers: { host: "evil.example" } });
    await assert.rejects(opened(socket), /403/);
  });
});

test("a form or plain text, which pages may post across origins, is refused", async () => {
  await survives({}, async ({ url, calls }) => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": type },
        body: '{"jsonrpc":"2.0","id":1,"method":"echo"}',
      });
      assert.equal(response.status, 415);
    }
    assert.deepEqual(calls, []);
  });
});

test("an oversized WebSocket frame closes that socket with 1009", async () => {
  await survives({ "rpc.maxBodyBytes": 2048 }, async ({ url }) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    await opened(socket);
    socket.on("error", () => undefined);
    socket.send("x".repeat(4096));
    assert.equal(await closed(socket), 1009);
  });
});

test("a flood of subscriptions ends at the limit", async () => {
  await survives({ "rpc.maxSubscriptions": 3 }, async ({ url, listeners }) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    await opened(socket);
    socket.send(
      JSON.stringify(
        Array.from({ length: 5 }, (_, id) => ({ jsonrpc: "2.0", id, method: "subscribe", params: [false] })),
      ),
    );
    const [data] = (await once(socket, "message")) as [Buffer];
    const answers = JSON.parse(data.toString()) as { error?: { code: number } }[];
    assert.deepEqual(
      answers.map(({ error }) => error?.code),
      [undefined, undefined, undefined, -32005, -32005],
    );
    assert.equal(listeners.size, 3);
    socket.terminate();
  });
});

test("a WebSocket that does not read what it subscribed to is cut off", async () => {
  await survives({ "rpc.socketMaxBuffered": 64 * 1024 }, async ({ url, listeners, emit }) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    await opened(socket);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscribe", params: [false] }));
    await once(socket, "message");
    socket.pause();
    socket.on("error", () => undefined);
    const megabyte = "x".repeat(2 ** 20);
    // The kernel's socket buffers take some megabytes before anything is left over.
    for (let i = 0; i < 200 && listeners.size > 0; i++) {
      emit(megabyte);
      await call(url, "echo", []);
    }
    assert.equal(listeners.size, 0);
    socket.terminate();
  });
});

test("calls of one WebSocket wait for their turn beyond the limit", async () => {
  await survives({ "rpc.socketMaxInFlight": 2 }, async ({ url, blocked, begun, release }) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    await opened(socket);
    let answers = 0;
    const all = new Promise<void>((resolve) => {
      socket.on("message", () => {
        if (++answers === 50) resolve();
      });
    });
    for (let id = 0; id < 50; id++) socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "block" }));
    await blocked(2);
    await call(url, "echo", []);
    assert.equal(begun(), 2);
    release();
    await all;
    socket.terminate();
  });
});

test("a WebSocket that answers no ping is cut off", async () => {
  await survives({ "rpc.socketPingMs": 100 }, async ({ url }) => {
    const socket = new WebSocket(url.replace("http", "ws"), { autoPong: false });
    await opened(socket);
    assert.equal(await closed(socket), 1006);
  });
});
