import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { encodeDeployment, type L1Deployment } from "@metis/node";
import { genesisConfigHash } from "@metis/protocol";
import { genesisConfigOf, startAnvil, type Anvil } from "@metis/testing";
import { numberToHex, type Hex } from "viem";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly advice?: string;
}

/** What the doctor found, by name, and its exit code. */
async function examine(...flags: readonly string[]) {
  const lines: string[] = [];
  const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
  const exit = await run(["doctor", ...flags, "--json"], io);
  const findings = JSON.parse(lines[0]!) as readonly Finding[];
  return { exit, of: Object.fromEntries(findings.map((finding) => [finding.what, finding])), last: lines.at(-1)! };
}

/** Runtime code that answers everything with one word. */
const answering = (word: Hex): Hex => `0x7f${word.slice(2)}60005260206000f3`;

suite("metis doctor", () => {
  let anvil: Anvil;
  let folder: string;
  let deploymentFile: string;
  const genesisConfig = { ...genesisConfigOf(7n), l1ChainId: 31_337n, batchInbox: numberToHex(0xb1, { size: 20 }) };
  const nowhere = "http://127.0.0.1:1";
  const chain = (l1: string, l2: string) => ["--l1-rpc", l1, "--l2-rpc", l2, "--deployment", deploymentFile];
  const setInbox = (bytecode: Hex) => anvil.client.setCode({ address: genesisConfig.batchInbox, bytecode });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "metis-doctor-"));
    deploymentFile = join(folder, "deployment.json");
    const rest = { chainConfig: {}, contracts: {}, l2Genesis: {}, genesisOutputRoot: "0x", sequencers: [] };
    writeFileSync(deploymentFile, encodeDeployment({ ...rest, genesisConfig } as unknown as L1Deployment));
    anvil = await startAnvil();
    await anvil.client.mine({ blocks: 1 });
  });
  after(async () => {
    await anvil?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("without a chain it looks at this machine alone", async () => {
    const { of } = await examine("--data-dir", join(folder, "new", "devnet"));
    assert.deepEqual(Object.keys(of), ["Node", "anvil", "data folder", "disk", "port 8545", "port 9545"]);
    assert.ok(of["anvil"]!.ok && of["data folder"]!.ok);
  });

  test("a data folder that cannot be made is wrong, with what to do about it", async () => {
    const { exit, of, last } = await examine("--data-dir", join(deploymentFile, "devnet"));
    assert.equal(exit, 1);
    assert.deepEqual([of["data folder"]!.ok, of["data folder"]!.advice], [false, "Choose another --data-dir."]);
    assert.match(last, /"something-is-wrong"/);
  });

  test("endpoints that do not answer are told by name, and what lies behind them is not guessed at", async () => {
    const { exit, of } = await examine("--data-dir", folder, ...chain(nowhere, nowhere));
    assert.equal(exit, 1);
    assert.match(of["L1"]!.detail, /127\.0\.0\.1:1.* does not answer/);
    assert.equal(of["L2"]!.ok, false);
    assert.equal(of["contracts"], undefined);
  });

  test("an L1 without the contracts, with another chain's, and with this one's", async () => {
    const look = () => examine("--data-dir", folder, ...chain(anvil.url, anvil.url));
    const without = (await look()).of;
    assert.ok(without["L1"]!.ok && without["L1 clock"]!.ok);
    assert.match(without["contracts"]!.detail, /no inbox/);
    await setInbox(answering(numberToHex(9, { size: 32 })));
    const other = (await look()).of;
    assert.equal(other["contracts"]!.ok, true);
    assert.match(other["deployment"]!.detail, /another chain/);
    await setInbox(answering(genesisConfigHash(genesisConfig)));
    assert.equal((await look()).of["deployment"]!.ok, true);
  });

  test("an L1 whose clock is not this machine's is wrong", async () => {
    const { timestamp } = await anvil.client.getBlock();
    await anvil.client.setNextBlockTimestamp({ timestamp: timestamp + 3_600n });
    await anvil.client.mine({ blocks: 1 });
    const { of } = await examine("--data-dir", folder, ...chain(anvil.url, anvil.url));
    assert.match(of["L1 clock"]!.detail, /\d+ s ahead of/);
  });
});
