import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ProtectionStore } from "@metis/committee";
import { holdIdleData } from "@metis/mvm";
import { encodeDeployment, type L1Deployment } from "@metis/node";
import { openLmdbStore } from "@metis/runtime";
import { genesisConfigOf } from "@metis/testing";
import { numberToHex, zeroHash } from "viem";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

const signer = numberToHex(0xa1, { size: 20 });

/** A deployment file of a chain with this id; the rest of it is not looked at. */
function deploymentOf(l2ChainId: bigint): Uint8Array {
  const genesisConfig = genesisConfigOf(l2ChainId);
  const rest = { chainConfig: {}, contracts: {}, l2Genesis: {}, genesisOutputRoot: zeroHash, sequencers: [] };
  return encodeDeployment({ genesisConfig, ...rest } as unknown as L1Deployment);
}

suite("metis keys protection", () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const ask = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    await run(["keys", "protection", ...args, "--json"], io);
    return JSON.parse(lines[0] ?? "{}") as Record<string, unknown>;
  };
  const codeOf = (said: Record<string, unknown>): string => (said["error"] as { readonly code: string }).code;
  const node = (name: string, chain = "chain.json"): readonly string[] => [
    "--data-dir",
    at(name),
    "--deployment",
    at(chain),
  ];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "metis-protection-"));
    writeFileSync(at("chain.json"), deploymentOf(7n));
    writeFileSync(at("other.json"), deploymentOf(8n));
    const store = openLmdbStore({ path: join(at("old"), "node") });
    await new ProtectionStore(store, signer).admit({ generation: 0, number: 9n, digest: zeroHash });
    await store.close();
  });
  after(() => rmSync(folder, { recursive: true }));

  test("what a key signed moves in a private file that is never overwritten", async () => {
    const file = at("protection.json");
    assert.deepEqual(await ask("export", file, ...node("old")), { file, signer, records: 1 });
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(codeOf(await ask("export", file, ...node("old"))), "usage");
    assert.deepEqual(await ask("import", file, ...node("new")), { signer, records: 1 });
    await ask("export", at("again.json"), ...node("new"));
    assert.equal(readFileSync(at("again.json"), "utf8"), readFileSync(file, "utf8"));
  });

  test("another chain, a running node and a file that is none are told by their codes", async () => {
    const file = at("protection.json");
    assert.equal(codeOf(await ask("import", file, ...node("new", "other.json"))), "protection-foreign");
    assert.equal(codeOf(await ask("import", at("chain.json"), ...node("new"))), "protection-corrupt");
    assert.equal(codeOf(await ask("export", at("none.json"), ...node("nothing"))), "protection-absent");
    const running = await holdIdleData(at("new"));
    assert.equal(codeOf(await ask("import", file, ...node("new"))), "data-dir-busy");
    running.release();
  });
});
