import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openMvm } from "../mvm.ts";
import { rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { holdIdleData } from "./idle.ts";

function newFolder(t: TestContext): string {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  return folder.path;
}

test("a chain's data is held while nobody runs on it, and says which chain it is", async (t) => {
  const dataDir = newFolder(t);
  const mvm = await openMvm({ dataDir, genesis: rollupGenesis() });
  const { hash } = mvm.head();
  await assert.rejects(holdIdleData(dataDir), { code: "data-dir-busy" });
  await mvm.close();
  const held = await holdIdleData(dataDir);
  assert.equal(held.genesisHash, hash);
  await assert.rejects(openMvm({ dataDir }), { code: "data-dir-busy" });
  held.release();
  await (await openMvm({ dataDir })).close();
});

test("where there is no chain, none is left behind", async (t) => {
  const dataDir = join(newFolder(t), "data");
  const held = await holdIdleData(dataDir);
  assert.equal(held.genesisHash, undefined);
  held.release();
  assert.equal(existsSync(join(dataDir, "chain")), false);
});
