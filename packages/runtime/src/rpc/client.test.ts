import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { createRpcClient } from "./client.ts";
import { withServer } from "./server.fixture.ts";

test("gives results, and a server's error with its code and data", async () => {
  await withServer({}, async ({ url }) => {
    const client = createRpcClient({ url });
    assert.equal(await client.request("echo", ["x"]), "x");
    await assert.rejects(client.request("typed", []), (error: { code: string; remedy: string; payload: unknown }) => {
      assert.deepEqual([error.code, error.remedy], ["rpc-error", "reject"]);
      assert.deepEqual(error.payload, { method: "typed", rpcCode: -32602, data: undefined });
      return true;
    });
  });
});

test("a batch gives an outcome for each call, whatever the order of the answers", async () => {
  await withServer({}, async ({ url }) => {
    const outcomes = await createRpcClient({ url }).batch([
      { method: "echo", params: [1] },
      { method: "nothing" },
      { method: "echo", params: [3] },
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => ("error" in outcome ? outcome.error.payload.rpcCode : outcome.result)),
      [1, -32601, 3],
    );
    assert.deepEqual(await createRpcClient({ url }).batch([]), []);
  });
});

/** A server that answers everything with `body`, or never. */
async function answering(body: string | undefined, run: (url: string) => Promise<void>): Promise<void> {
  const server: Server = createServer((_, response) => void (body === undefined || response.end(body)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("silence is a timeout, and a caller can call off", async () => {
  await answering(undefined, async (url) => {
    await assert.rejects(createRpcClient({ url, timeoutMs: 50 }).request("echo"), { code: "timeout", remedy: "retry" });
    await assert.rejects(createRpcClient({ url }).request("echo", [], AbortSignal.abort()), { code: "aborted" });
  });
});

test("an answer that is no JSON-RPC, fits no call, or is too long is a bad response", async () => {
  for (const body of ["<html>", "1", '{"jsonrpc":"2.0","id":99,"result":1}', '{"jsonrpc":"2.0","id":1}'])
    await answering(body, async (url) => {
      await assert.rejects(createRpcClient({ url }).request("echo"), { code: "bad-response" });
    });
  await answering("x".repeat(5000), async (url) => {
    await assert.rejects(createRpcClient({ url, maxResponseBytes: 1000 }).request("echo"), {
      code: "bad-response",
      remedy: "reject",
    });
  });
});

test("a compressed answer is read, up to the limit of what it unfolds to; one connection carries request after request", async () => {
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    const body = gzipSync(JSON.stringify({ jsonrpc: "2.0", id: sockets.size, result: "x".repeat(10_000) }));
    request.resume().once("end", () => response.setHeader("content-encoding", "gzip").end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const _ of [1, 2, 3]) assert.equal(await createRpcClient({ url }).request("echo"), "x".repeat(10_000));
  assert.equal(sockets.size, 1);
  await assert.rejects(createRpcClient({ url, maxResponseBytes: 5_000 }).request("echo"), { code: "bad-response" });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("an answer that breaks off is an unreachable server", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await assert.rejects(createRpcClient({ url }).request("echo"), { code: "unreachable", remedy: "retry" });
  await new Promise((resolve) => server.close(resolve));
});

test("an error names the host but not the path, which may hold an access key", async () => {
  const client = createRpcClient({ url: "http://127.0.0.1:1/v3/secret-key" });
  await assert.rejects(
    client.request("echo"),
    (error: Error) => error.message.includes("127.0.0.1:1") && !error.message.includes("secret-key"),
  );
});
