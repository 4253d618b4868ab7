import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseEther } from "viem";
import { startAnvil } from "./anvil.ts";

test("anvil runs with Osaka's transaction gas limit and keeps its chain over a restart", async (t) => {
  const state = join(mkdtempSync(join(tmpdir(), "metis-anvil-")), "state.json");
  const first = await startAnvil({ state });
  t.after(() => first.stop());
  const { client } = first;
  const [alice, bob] = [first.account(0), first.account(1)];

  const tooMuchGas = client.sendTransaction({ account: alice, to: bob.address, gas: 20_000_000n });
  await assert.rejects(tooMuchGas, /intrinsic gas too high/);
  const hash = await client.sendTransaction({ account: alice, to: bob.address, value: parseEther("1") });
  assert.equal((await client.waitForTransactionReceipt({ hash })).status, "success");
  await first.stop();

  const second = await startAnvil({ state });
  t.after(() => second.stop());
  assert.equal(await second.client.getTransactionCount({ address: alice.address }), 1);
});

test("a dead port is told with anvil's own words", async (t) => {
  const first = await startAnvil();
  t.after(() => first.stop());
  await assert.rejects(startAnvil({ port: first.port }), { code: "exited-early" });
});
