// The pool's fault test with many kills: npm run test:pool:long [-- KILLS], 100 unless given.
import { spawnSync } from "node:child_process";

const kills = process.argv[2] ?? "100";
const seconds = String(150 + 60 * Number(kills));
const args = ["scripts/node.mjs", "scripts/e2e.mjs", seconds, "e2e/src/poolFaults.test.ts"];
const { status } = spawnSync(process.execPath, args, {
  stdio: "inherit",
  env: { ...process.env, METIS_TEST_POOL_KILLS: kills },
});
process.exit(status ?? 1);
