import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { encodeDeployment, type L1Deployment } from "@metis/node";
import {
  ContractFunctionZeroDataError,
  HttpRequestError,
  MethodNotFoundRpcError,
  numberToHex,
  TransactionReceiptNotFoundError,
} from "viem";
import { failureOf, sentence } from "./failures.ts";
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

test("a call that is no command, or lacks an option, is a usage error in JSON, too", async () => {
  const messages = {
    "stake nonsense": /unknown command 'nonsense'/,
    "stake relock": /required option '--amount <number>' not specified/,
    "admin propose": /missing required argument 'change'/,
    "stake status --colour": /unknown option '--colour'/,
    stake: /no command/,
  };
  for (const [words, message] of Object.entries(messages)) {
    const { exit, said } = await ask(...words.split(" "));
    const { error } = said as { readonly error: { readonly code: string; readonly message: string } };
    assert.deepEqual([exit, error.code], [2, "usage"], words);
    assert.match(error.message, message);
  }
});

test("an address with a wrong digit is refused by its checksum", async () => {
  const wrong = "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
  const folders = ["--data-dir", "none", "--deployment", "/"];
  const { exit, said } = await ask("keys", "protection", "export", "out", "--signer", wrong, ...folders);
  assert.equal(exit, 2);
  assert.match(JSON.stringify(said), /"usage".*--signer: a digit of 0xF39.* is wrong/);
});

test("what fails outside of this program has a name of its own", () => {
  const codeOf = (error: unknown): string => failureOf(error).code;
  assert.equal(codeOf(new HttpRequestError({ url: "http://127.0.0.1:1" })), "no-answer");
  assert.equal(codeOf(new ContractFunctionZeroDataError({ functionName: "owner" })), "wrong-chain");
  assert.equal(codeOf(new MethodNotFoundRpcError(new Error("no"), { method: "rollup_x" })), "wrong-endpoint");
  assert.throws(
    () => numberToHex(2n ** 256n, { size: 32 }),
    (error) => codeOf(error) === "number-out-of-range",
  );
  for (const file of [tmpdir(), join(tmpdir(), "metis-messages-none")])
    assert.throws(
      () => readFileSync(file),
      (error) => codeOf(error) === "file-unreadable",
    );
  assert.equal(codeOf(new Error("a surprise")), "unexpected");
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
