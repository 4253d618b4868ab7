// `metis devnet` as a person uses it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePorts, isFreePort } from "@metis/runtime";
import { cast, devnetFolder, metisCommand, startDevnet, type DevnetSummary } from "@metis/testing";
import { until } from "./world.ts";

const run = async (...args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(metisCommand.file, [...metisCommand.args, ...args]);
  return stdout.trim();
};
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

suite("metis devnet", () => {
  const folder = devnetFolder();
  const { dataDir } = folder;
  after(() => folder.remove());
  const saved = (): DevnetSummary => JSON.parse(readFileSync(join(dataDir, "devnet.json"), "utf8")) as DevnetSummary;
  const alice = "0x00000000000000000000000000000000000a11ce";

  test("stops everything at Ctrl-C, and goes on where it stopped", async () => {
    const first = await startDevnet(dataDir, [], { ownGroup: true });
    assert.deepEqual(saved(), first.summary);
    const { privateKey } = first.summary.accounts[0]!;
    await cast("send", "--rpc-url", first.summary.l2.rpc[0]!, "--private-key", privateKey, alice, "--value", "3");
    const mined = await cast("block-number", "--rpc-url", first.summary.l1.rpc);
    // A terminal sends it to the whole group.
    process.kill(-first.process.pid, "SIGINT");
    await until("every process has gone", () =>
      [first.process.pid, ...first.summary.processes.map(({ pid }) => pid)].every((pid) => !isAlive(pid)),
    );
    assert.equal(saved().ready, false);

    const second = await startDevnet(dataDir);
    const kept = await cast("block-number", "--rpc-url", second.summary.l1.rpc);
    assert.ok(BigInt(kept) >= BigInt(mined), "L1 was saved with all its blocks");
    assert.equal(await cast("balance", "--rpc-url", second.summary.l2.rpc[0]!, alice), "3");
    assert.deepEqual(second.summary.contracts, first.summary.contracts);
    await second.stop();
  });

  test("a process that died is reported, stays down, and comes back when asked for", async () => {
    const devnet = await startDevnet(dataDir);
    const seat = devnet.summary.processes.find(({ role }) => role === "seat-0")!;
    process.kill(seat.pid, "SIGKILL");
    await until("devnet.json says so", () => !saved().processes.some(({ role }) => role === "seat-0"));
    await run("devnet", "start", "seat-0", "--data-dir", dataDir);
    assert.notEqual(saved().processes.find(({ role }) => role === "seat-0")?.pid, seat.pid);
    assert.equal(await cast("balance", "--rpc-url", devnet.summary.l2.rpc[0]!, alice), "3");
    await assert.rejects(run("devnet", "start", "seat-7", "--data-dir", dataDir), { code: 1 });
    await devnet.stop();
  });

  test("an L1 killed as soon as the devnet is ready comes back with the contracts", async () => {
    const fresh = devnetFolder();
    const devnet = await startDevnet(fresh.dataDir);
    try {
      const l1 = devnet.summary.processes.find(({ role }) => role === "l1")!;
      process.kill(l1.pid, "SIGKILL");
      await until("it has gone", () => !isAlive(l1.pid));
      await run("devnet", "start", "l1", "--data-dir", fresh.dataDir);
      const { batchInbox } = devnet.summary.contracts;
      assert.notEqual(await cast("code", "--rpc-url", devnet.summary.l1.rpc, batchInbox!), "0x");
    } finally {
      await devnet.stop();
      fresh.remove();
    }
  });

  test("after the devnet itself was killed, the next one ends what was left and goes on", async () => {
    const killed = await startDevnet(dataDir);
    killed.process.kill("SIGKILL");
    await until("it has gone", () => !isAlive(killed.process.pid));
    const next = await startDevnet(dataDir);
    assert.ok(killed.summary.processes.every(({ pid }) => !isAlive(pid)));
    assert.equal(await cast("balance", "--rpc-url", next.summary.l2.rpc[0]!, alice), "3");
    await next.stop();
  });

  test("a withdrawal by command ends with the money on L1", async () => {
    const devnet = await startDevnet(dataDir);
    const common = ["--data-dir", dataDir, "--json"];
    const { metisToken } = devnet.summary.contracts;
    const bob = "0x0000000000000000000000000000000000000b0b";
    await run("bridge", "deposit", "--asset", "metis", "--amount", "2", "--wait", ...common);
    const answer = await run(
      "bridge",
      "withdraw",
      "--asset",
      "metis",
      "--amount",
      "1.5",
      "--to",
      bob,
      "--wait",
      ...common,
    );
    assert.equal((JSON.parse(answer) as { status: string }).status, "finalized");
    const held = await cast(
      "call",
      "--rpc-url",
      devnet.summary.l1.rpc,
      metisToken!,
      "balanceOf(address)(uint256)",
      bob,
    );
    assert.match(held, /^1500000000000000000\b/);
    await devnet.stop();
  });

  test("a port that is taken is named, with the way out, and nothing stays", async () => {
    const base = await until("two ports that stand as those of L1 and a seat are free", async () => {
      const [first] = await freePorts(1);
      return (await isFreePort(first! + 1_000)) && first;
    });
    for (const port of [base, base + 1_000]) {
      const fresh = devnetFolder();
      const server = createServer();
      await once(server.listen(port, "127.0.0.1"), "listening");
      const flags = ["--data-dir", fresh.dataDir, "--port-base", String(base), "--seats", "1", "--profile", "fast"];
      const stderr = new RegExp(`port ${port} is taken\\. Stop what uses it.* --port-base 0 takes free ones`);
      await assert.rejects(run("devnet", ...flags), { code: 1, stderr });
      await once(server.close(), "close");
      fresh.remove();
      assert.equal(await isFreePort(base), true);
    }
  });

  test("wrong flags end with code 2 and a sentence", async () => {
    await assert.rejects(run("devnet", "--seats", "33"), { code: 2, stderr: /--seats/ });
    await assert.rejects(
      run(
        "bridge",
        "withdraw",
        "--asset",
        "metis",
        "--amount",
        "x",
        "--data-dir",
        dataDir,
        "--l2-rpc",
        "http://127.0.0.1:1",
      ),
      {
        code: 2,
        stderr: /--amount/,
      },
    );
    await assert.rejects(run("status", "--data-dir", "/nowhere"), { code: 2, stderr: /metis devnet/ });
  });
});
