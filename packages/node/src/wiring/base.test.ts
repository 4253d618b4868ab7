import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { openMvm } from "@metis/mvm";
import { rollupGenesis } from "@metis/mvm/testing";
import { profiles } from "@metis/protocol";
import { createMetrics, ManualClock, openLmdbStore, silentLogger, systemRng } from "@metis/runtime";
import { nodeOptions } from "../config.ts";
import type { L1Deployment } from "../deploy/deployment.ts";
import { openBase } from "./base.ts";

const surroundings = () => ({
  clock: new ManualClock(),
  rng: systemRng(),
  logger: silentLogger(),
  metrics: createMetrics(),
});

const genesis = rollupGenesis({});

function newFolder(t: TestContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), "metis-base-"));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** Opens `dataDir` for a chain with this genesis and another hash of it, which no data is of. */
const openForeign = (dataDir: string) => {
  const foreign = {
    l2Genesis: genesis,
    chainConfig: profiles.devnet.chain,
    genesisConfig: { l2GenesisHash: `0x${"11".repeat(32)}` },
  };
  return openBase(nodeOptions({ dataDir }), foreign as unknown as L1Deployment, surroundings());
};

test("a node that cannot open its data lets go of it", async (t) => {
  const dataDir = newFolder(t);
  await assert.rejects(openForeign(dataDir), { code: "wrong-chain" });

  const mvm = await openMvm({ dataDir, genesis });
  await mvm.close();
  await openLmdbStore({ path: join(dataDir, "node") }).close();
});

test("a folder with half an import of a snapshot starts no node and is left as it is", async (t) => {
  const dataDir = newFolder(t);
  mkdirSync(join(dataDir, "importing"));
  await assert.rejects(openForeign(dataDir), { code: "snapshot-unfinished", message: /run it again/ });
  assert.deepEqual(readdirSync(dataDir), ["importing"]);
});

test("what an import brought beside its chain is taken over by the next start, unless there is something already", async (t) => {
  const dataDir = newFolder(t);
  const brought = join(dataDir, "chain", "node");
  const bring = (text: string): void => {
    mkdirSync(brought, { recursive: true });
    writeFileSync(join(brought, "mark"), text);
  };
  for (const text of ["first", "second"]) {
    bring(text);
    await assert.rejects(openForeign(dataDir), { code: "wrong-chain" });
    assert.equal(readFileSync(join(dataDir, "node", "mark"), "utf8"), "first");
  }
});

test("chain parameters that contradict each other start no node and touch no data", async (t) => {
  const parent = mkdtempSync(join(tmpdir(), "metis-base-"));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const dataDir = join(parent, "data");
  const broken = { l2Genesis: rollupGenesis({}), chainConfig: { ...profiles.devnet.chain, term: 0 } };
  const opening = openBase(nodeOptions({ dataDir }), broken as unknown as L1Deployment, surroundings());
  await assert.rejects(opening, { code: "parameters-contradict" });
  assert.equal(existsSync(dataDir), false);
});
