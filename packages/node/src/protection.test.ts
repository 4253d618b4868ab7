import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ProtectionStore } from "@metis/committee";
import { holdIdleData, openMvm } from "@metis/mvm";
import { profiles } from "@metis/protocol";
import { openLmdbStore } from "@metis/runtime";
import { genesisConfigOf } from "@metis/testing";
import { numberToHex, zeroAddress, zeroHash, type Address } from "viem";
import { buildL2Genesis } from "./deploy/genesis.ts";
import { exportNodeProtection, importNodeProtection } from "./protection.ts";

const address = (value: number): Address => numberToHex(value, { size: 20 });
const chain = (l2ChainId: bigint) => ({ genesisConfig: genesisConfigOf(l2ChainId) });
const [ours, theirs] = [address(0xa1), address(0xa2)];
const here = chain(7n);

suite("slashing protection on its way to another machine", () => {
  let root: string;
  const dataDir = (name: string): string => join(root, name);
  /** Signs `numbers` as a node on `name` would. */
  const sign = async (name: string, signer: Address, numbers: readonly number[], digest = 1): Promise<void> => {
    const store = openLmdbStore({ path: join(dataDir(name), "node") });
    const protection = new ProtectionStore(store, signer);
    for (const number of numbers)
      await protection.admit({ generation: 0, number: BigInt(number), digest: numberToHex(digest, { size: 32 }) });
    await store.close();
  };
  const exported = (name: string, signer?: Address) =>
    exportNodeProtection({ dataDir: dataDir(name), deployment: here, ...(signer && { signer }) });
  const imported = (name: string, file: unknown, deployment = here) =>
    importNodeProtection({ dataDir: dataDir(name), deployment, file });
  before(() => {
    root = mkdtempSync(join(tmpdir(), "metis-protection-"));
  });
  after(() => rmSync(root, { recursive: true }));

  test("a new machine is bound by what the old one signed", async () => {
    await sign("old", ours, [5, 6]);
    const file = await exported("old");
    assert.deepEqual(await imported("new", file), { signer: ours, records: 2 });
    await assert.rejects(sign("new", ours, [6], 2), { code: "double-sign" });
    await assert.rejects(sign("new", ours, [4]), { code: "not-monotone" });
    assert.equal(existsSync(join(dataDir("new"), "chain")), false, "a snapshot can still be imported");
  });

  test("an older history never lowers what a machine holds itself to", async () => {
    await sign("behind", ours, [5]);
    const file = await exported("behind");
    await sign("ahead", ours, [90]);
    await imported("ahead", file);
    await assert.rejects(sign("ahead", ours, [89]), { code: "not-monotone" });
  });

  test("a file of another chain, or one that contradicts what was signed, changes nothing", async () => {
    await sign("source", ours, [5]);
    const file = await exported("source");
    await assert.rejects(imported("other-chain", file, chain(8n)), { code: "protection-foreign" });
    await sign("contrary", ours, [5], 2);
    const held = await exported("contrary");
    await assert.rejects(imported("contrary", file), { code: "double-sign" });
    assert.deepEqual(await exported("contrary"), held);
  });

  test("data of another chain than the deployment file's is told apart", async () => {
    const genesis = buildL2Genesis({
      chainConfig: {
        ...profiles.devnet.chain,
        l1ChainId: 1n,
        l2ChainId: 7n,
        genesisAnchorNumber: 0n,
        genesisAnchorHash: zeroHash,
        genesisAnchorTime: 0n,
      },
      anchor: { baseFeePerGas: 7n, excessBlobGas: 0n, mixHash: zeroHash, parentBeaconBlockRoot: zeroHash },
      l1: { messenger: zeroAddress, standardBridge: zeroAddress, emissionReserve: zeroAddress },
      admin: zeroAddress,
      balances: {},
    });
    await (await openMvm({ dataDir: dataDir("elsewhere"), genesis })).close();
    await sign("elsewhere", ours, [5]);
    await assert.rejects(exported("elsewhere"), { code: "wrong-chain" });
  });

  test("nothing is read or written while a node runs on the data", async () => {
    await sign("running", ours, [5]);
    const file = await exported("running");
    const node = await holdIdleData(dataDir("running"));
    await assert.rejects(exported("running"), { code: "data-dir-busy" });
    await assert.rejects(imported("running", file), { code: "data-dir-busy" });
    node.release();
    await imported("running", file);
  });

  test("where several keys signed, one must be named", async () => {
    await sign("two", ours, [5]);
    await sign("two", theirs, [7]);
    await assert.rejects(exported("two"), { code: "protection-ambiguous", message: new RegExp(theirs) });
    assert.equal((await exported("two", theirs)).data[0].signed_blocks[0]?.number, "7");
    await assert.rejects(exported("nothing-here"), { code: "protection-absent" });
  });
});
