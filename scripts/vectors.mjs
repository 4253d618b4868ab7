// Runs every Ethereum state and blockchain test of the archives in METIS_VECTORS on mvm.wasm, and imports the RPC suite's chain.
// Plain JavaScript over the built packages, so that any Node from 20 on runs it: `npm run test:vectors`.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importChain, parseGethGenesis, runBlockTests, runStateTests } from "../packages/mvm/dist/index.js";

/** One test: the chain, from Homestead to the newest fork, leads to the head that the suite names. */
async function runImport([folder], onResult) {
  const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const wanted = read("headfcu.json").params[0].headBlockHash;
  const { head } = await importChain({
    dataDir: join(folder, "imported"),
    genesis: parseGethGenesis(read("genesis.json")),
    chainFile: join(folder, "chain.rlp"),
  });
  const pass = head.hash === wanted;
  onResult({ name: "chain.rlp", pass, lastBlockHash: head.hash, wanted });
  return { total: 1, failed: pass ? 0 : 1 };
}

const suites = [
  { archive: "rpc-compat.tar.xz", run: runImport },
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
