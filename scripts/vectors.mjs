// Runs every Ethereum state and blockchain test of the archives in METIS_VECTORS on mvm.wasm.
// Plain JavaScript over the built packages, so that any Node from 20 on runs it: `npm run test:vectors`.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBlockTests, runStateTests } from "../packages/mvm/dist/conformance/index.js";

const suites = [
  { archive: "eest-osaka.tar.xz", run: runStateTests },
  { archive: "eest-osaka-block.tar.xz", run: runBlockTests },
];
const vectors = process.env.METIS_VECTORS ?? "";

for (const { archive, run } of suites) {
  const file = join(vectors, archive);
  if (vectors === "" || !existsSync(file)) {
    console.log(`METIS_VECTORS names no folder with ${archive}: its tests are not run.`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), "metis-vectors-"));
  try {
    execFileSync("tar", ["-xJf", file, "-C", folder]);
    const paths = readdirSync(folder).map((name) => join(folder, name));
    const { total, failed } = await run(paths, (result) => result.pass || console.error(JSON.stringify(result)));
    console.log(`${archive}: ${total} tests, ${failed} failed, Node ${process.version}`);
    if (failed > 0 || total === 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
