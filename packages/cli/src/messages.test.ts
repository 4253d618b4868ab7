import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { encodeDeployment, type L1Deployment } from "@metis/node";
import { ContractFunctionZeroDataError, TransactionReceiptNotFoundError } from "viem";
import { sentence } from "./io.ts";
import type { Io } from "./io.ts";
import { run } from "./program.ts";

/** What a command says in JSON, and its exit code. */
async function ask(...args: readonly string[]): Promise<{ readonly exit: number; readonly said: unknown }> {
  const lines: string[] = [];
  const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
  const exit = await run([...args, "--json"], io);
  return { exit, said: lines.map((line) => JSON.parse(line) as unknown)[0] };
}

test("an endpoint that is no URL is told by its option", async () => {
  for (const url of ["nonsense", "ftp://127.0.0.1"])
    assert.deepEqual(await ask("status", "--l1-rpc", url, "--l2-rpc", url), {
      exit: 2,
      said: { error: { code: "usage", message: `--l1-rpc takes an http or https address, not "${url}"` } },
    });
});

test("a node without its chain's deployment says which option is missing", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metis-messages-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "node.toml");
  writeFileSync(config, `dataDir = "${join(folder, "data").replaceAll("\\", "/")}"\n`);
  const { exit, said } = await ask("node", "run", "--config", config, "--log-level", "silent");
  assert.equal(exit, 1);
  assert.match(JSON.stringify(said), /"config-incomplete".*deployment: not given/);
});

test("config check reads what a node starts from: deployment and keys", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metis-messages-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [config, deployment, key] = [join(folder, "node.toml"), join(folder, "deployment.json"), join(folder, "key")];
  const check = async (toml: string): Promise<{ readonly exit: number; readonly said: string }> => {
    writeFileSync(config, toml.replaceAll("\\", "/"));
    const { exit, said } = await ask("config", "check", "--config", config);
    return { exit, said: JSON.stringify(said) };
  };
  assert.match((await check("")).said, /"config-incomplete".*deployment: not given/);
  const replica = `deployment = "${deployment}"\n`;
  assert.match((await check(replica)).said, /"config-incomplete".*is not there/);
  writeFileSync(deployment, "{}");
  assert.match((await check(replica)).said, /"deployment-file-invalid"/);
  const parts = {
    chainConfig: {},
    genesisConfig: {},
    contracts: {},
    l2Genesis: {},
    genesisOutputRoot: "0x",
    sequencers: [],
  };
  writeFileSync(deployment, encodeDeployment(parts as unknown as L1Deployment));
  assert.deepEqual(await check(replica), { exit: 0, said: '{"ok":true}' });
  const sequencer = `role = "sequencer"\n${replica}[signer]\nkeyFile = "${key}"\n`;
  assert.match((await check(sequencer)).said, /"key-unreadable".*signer.keyFile/);
  writeFileSync(key, `0x${"42".repeat(32)}`, { mode: 0o600 });
  assert.deepEqual(await check(sequencer), { exit: 0, said: '{"ok":true}' });
});

test("errors of viem never say undefined", () => {
  const errors = [
    new ContractFunctionZeroDataError({ functionName: "symbol" }),
    new TransactionReceiptNotFoundError({ hash: `0x${"12".repeat(32)}` }),
  ];
  for (const error of errors) assert.doesNotMatch(sentence(error), /undefined/);
});
