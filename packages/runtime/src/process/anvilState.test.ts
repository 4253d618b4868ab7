import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { ManualClock, systemClock } from "../clock.ts";
import { startAnvil } from "./anvil.ts";
import type { Anvil } from "./anvil.ts";
import { askAnvil } from "./anvilCall.ts";
import { mineEvery } from "./anvilMining.ts";

function folder(context: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "metis-anvil-state-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

async function start(context: TestContext, state: string, onSaveFailed?: () => void): Promise<Anvil> {
  const options = { port: 0, chainId: 1337n, state, ...(onSaveFailed && { onSaveFailed, saveEveryMs: 1 }) };
  const anvil = await startAnvil(options, systemClock());
  context.after(() => anvil.process.stop(0));
  return anvil;
}

const ask = ({ url }: Anvil, method: string, ...params: readonly unknown[]): Promise<string> =>
  askAnvil(url, method, params);

test("what anvil did before its last save outlives a kill, and what came after is gone", async (context) => {
  const root = folder(context);
  const state = join(root, "l1.json.gz");
  const killed = await start(context, state);
  await ask(killed, "anvil_mine", "0x7");
  await killed.save();
  await ask(killed, "anvil_mine", "0x1");
  killed.process.kill("SIGKILL");
  const next = await start(context, state);
  assert.equal(await ask(next, "eth_blockNumber"), "0x7");
  assert.deepEqual(readdirSync(root), ["l1.json.gz"]);
});

test("stopping saves", async (context) => {
  const state = join(folder(context), "l1.json.gz");
  const first = await start(context, state);
  await ask(first, "anvil_mine", "0x3");
  await first.stop();
  assert.equal(await ask(await start(context, state), "eth_blockNumber"), "0x3");
});

test("a damaged file is refused and left as it is", async (context) => {
  const state = join(folder(context), "l1.json.gz");
  writeFileSync(state, "no gzip");
  await assert.rejects(start(context, state), { code: "damaged-state" });
  assert.ok(existsSync(state));
});

test("a save that fails is told while anvil lives", async (context) => {
  const root = folder(context);
  const told = Promise.withResolvers<void>();
  const anvil = await start(context, join(root, "no-folder", "l1.json.gz"), () => told.resolve());
  await told.promise;
  assert.equal(anvil.process.running, true);
});

test("blocks come in intervals, with what has been sent by then, until anvil is stopped", async (context) => {
  const anvil = await start(context, join(folder(context), "l1.json.gz"));
  await anvil.mineEvery(0.01);
  const [from, to] = ["0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", `0x${"ee".repeat(20)}`];
  await ask(anvil, "eth_sendTransaction", { from, to, value: "0x3" });
  while ((await ask(anvil, "eth_getBalance", to, "latest")) !== "0x3");
  const before = Number(await ask(anvil, "eth_blockNumber"));
  while (Number(await ask(anvil, "eth_blockNumber")) < before + 3);
  await anvil.stop();
});

test("nobody mines at the place of an anvil that has gone", async (context) => {
  const anvil = await start(context, join(folder(context), "l1.json.gz"));
  const clock = new ManualClock();
  const process = { running: true };
  const mined = async (): Promise<number> => Number(await ask(anvil, "eth_blockNumber"));
  await mineEvery({ url: anvil.url, process }, 1_000, clock);
  await clock.advance(1_000);
  while (clock.pending === 0) await clock.advance(0);
  assert.equal(await mined(), 1);
  process.running = false;
  await clock.advance(60_000);
  assert.equal(await mined(), 1);
  assert.equal(clock.pending, 0);
});

test("old states are dropped while blocks come in intervals", async (context) => {
  const anvil = await start(context, join(folder(context), "l1.json.gz"));
  await anvil.mineEvery(0.001);
  while (Number(await ask(anvil, "eth_blockNumber")) < 80);
  const balance = ask(anvil, "eth_getBalance", `0x${"00".repeat(20)}`, "0x1");
  await assert.rejects(balance, { code: "anvil-refused", message: /OutOfRange/ });
  await anvil.stop();
});
