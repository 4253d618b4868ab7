import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseGethGenesis } from "../gethGenesis.ts";
import { importChain } from "../mvm.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { unpackVectors } from "../testing/vectors.ts";
import { runBlockTests, type BlockTestResult } from "./blockTests.ts";
import { runStateTests, type StateTestResult } from "./stateTests.ts";

/** A sample that takes seconds; `npm run test:vectors` runs everything. */
const stateSample = ["eest-osaka/cancun/eip1153_tstore", "eest-osaka/osaka"];
const blockSample = ["osaka", "prague/eip7002_el_triggerable_withdrawals", "paris"];

test("Ethereum's state tests pass on the committed kernel", async (t) => {
  const folder = unpackVectors(t, "eest-osaka.tar.xz", stateSample);
  if (folder === undefined) return;
  const failures: StateTestResult[] = [];
  const { total } = await runStateTests([folder], (result) => void (result.pass || failures.push(result)));
  assert.deepEqual(failures, []);
  assert.ok(total > 100);
});

test("Ethereum's blockchain tests pass on the committed kernel", async (t) => {
  const folder = unpackVectors(t, "eest-osaka-block.tar.xz", blockSample);
  if (folder === undefined) return;
  const failures: BlockTestResult[] = [];
  const { total } = await runBlockTests([folder], (result) => void (result.pass || failures.push(result)));
  assert.deepEqual(failures, []);
  assert.ok(total > 100);
});

test("a chain with every fork from Homestead to BPO2 imports to its head", async (t) => {
  const folder = unpackVectors(t, "rpc-compat.tar.xz", ["rpc-compat"]);
  if (folder === undefined) return;
  const file = (name: string): string => join(folder, "rpc-compat", name);
  const read = (name: string): unknown => JSON.parse(readFileSync(file(name), "utf8"));
  const { params } = read("headfcu.json") as { readonly params: readonly [{ readonly headBlockHash: string }] };
  const genesis = parseGethGenesis(read("genesis.json"));
  for (const overlap of ["nothing", "roots"] as const) {
    const data = temporaryFolder();
    t.after(() => data.remove());
    const { head } = await importChain({ dataDir: data.path, genesis, chainFile: file("chain.rlp"), overlap });
    assert.equal(head.hash, params[0].headBlockHash);
  }
});
