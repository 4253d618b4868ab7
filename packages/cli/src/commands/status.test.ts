import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { after, before, suite, test } from "node:test";
import { zeroAddress, zeroHash } from "viem";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

/** An endpoint that nobody serves. */
const away = "http://127.0.0.1:1";
const head = { number: "0x7", hash: zeroHash };
const heads = { unsafe: head, signed: head, safe: head, finalized: head };
const signing = { may: false, reason: "L1 does not answer" };
const status = { l1: head, ...heads, generation: "0x0", signing, feed: null };

suite("metis status while something is down", () => {
  let folder: string;
  let node: Server;
  let nodeUrl: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "metis-status-"));
    // A node without a pool's methods.
    node = createServer((request, response) => {
      const answer = async (): Promise<void> => {
        const { id, method } = (await json(request)) as { readonly id: number; readonly method: string };
        const known = method === "rollup_syncStatus";
        const said = known ? { result: status } : { error: { code: -32_601, message: "no such method" } };
        response.setHeader("content-type", "application/json").end(JSON.stringify({ jsonrpc: "2.0", id, ...said }));
      };
      void answer();
    });
    await once(node.listen(0, "127.0.0.1"), "listening");
    nodeUrl = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  });
  after(() => {
    node.closeAllConnections();
    node.close();
    rmSync(folder, { recursive: true });
  });

  /** A devnet of which the seats named run. */
  const devnet = (...running: readonly string[]): void => {
    mkdirSync(folder, { recursive: true });
    const l2 = { chainId: 901_088, rpc: [away, nodeUrl], members: [] };
    const contracts = {
      systemConfig: zeroAddress,
      batchInbox: zeroAddress,
      stateClaims: zeroAddress,
      portal: zeroAddress,
    };
    const processes = running.map((role) => ({ role, pid: 1 }));
    const summary = { ready: true, l1: { rpc: away, chainId: 1 }, l2, accounts: [], contracts, processes };
    writeFileSync(join(folder, "devnet.json"), JSON.stringify(summary));
  };
  const say = async (asJson: boolean): Promise<{ readonly exit: number; readonly lines: readonly string[] }> => {
    const lines: string[] = [];
    const io: Io = {
      json: asJson,
      terminal: false,
      colour: false,
      out: (line) => void lines.push(line),
      note: () => {},
    };
    const exit = await run(["status", "--data-dir", folder, ...(asJson ? ["--json"] : [])], io);
    return { exit, lines };
  };

  test("a seat of the devnet that runs is asked, and says what it knows without L1", async () => {
    devnet("seat-1");
    const { exit, lines } = await say(false);
    assert.equal(exit, 0);
    const text = lines.join("\n");
    assert.match(text, /^L1 +http:\/\/127.0.0.1:1 does not answer \(the node has seen 7\)$/m);
    assert.match(text, /^L2 signed +7 0x0{64}$/m);
    assert.match(text, /^signing +no: L1 does not answer$/m);
    const { l1, pool } = JSON.parse((await say(true)).lines[0]!) as { readonly l1: unknown; readonly pool: unknown };
    assert.deepEqual([l1, pool], [null, null]);
  });

  test("a devnet whose seats are all down says which endpoint does not answer", async () => {
    devnet("l1");
    const { exit, lines } = await say(true);
    assert.equal(exit, 1);
    assert.match(lines[0]!, /"no-answer".*127.0.0.1:1/);
  });
});
