import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
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

test("a node that cannot open its data lets go of it", async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), "metis-base-"));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const genesis = rollupGenesis({});
  const foreign = {
    l2Genesis: genesis,
    chainConfig: profiles.devnet.chain,
    genesisConfig: { l2GenesisHash: `0x${"11".repeat(32)}` },
  };
  const opening = openBase(nodeOptions({ dataDir }), foreign as unknown as L1Deployment, surroundings());
  await assert.rejects(opening, { code: "wrong-chain" });

  const mvm = await openMvm({ dataDir, genesis });
  await mvm.close();
  await openLmdbStore({ path: join(dataDir, "node") }).close();
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
