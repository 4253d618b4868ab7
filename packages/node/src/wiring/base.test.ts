import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openMvm } from "@metis/mvm";
import { rollupGenesis } from "@metis/mvm/testing";
import { createMetrics, ManualClock, openLmdbStore, silentLogger, systemRng } from "@metis/runtime";
import { nodeOptions } from "../config.ts";
import type { L1Deployment } from "../deploy/l1.ts";
import { openBase } from "./base.ts";

test("a node that cannot open its data lets go of it", async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), "metis-base-"));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const genesis = rollupGenesis({});
  const foreign = { l2Genesis: genesis, chainConfig: {}, genesisConfig: { l2GenesisHash: `0x${"11".repeat(32)}` } };
  const surroundings = {
    clock: new ManualClock(),
    rng: systemRng(),
    logger: silentLogger(),
    metrics: createMetrics(),
  };
  const opening = openBase(nodeOptions({ dataDir }), foreign as unknown as L1Deployment, surroundings);
  await assert.rejects(opening, { code: "wrong-chain" });

  const mvm = await openMvm({ dataDir, genesis });
  await mvm.close();
  await openLmdbStore({ path: join(dataDir, "node") }).close();
});
