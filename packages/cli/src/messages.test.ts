import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
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

test("errors of viem never say undefined", () => {
  const errors = [
    new ContractFunctionZeroDataError({ functionName: "symbol" }),
    new TransactionReceiptNotFoundError({ hash: `0x${"12".repeat(32)}` }),
  ];
  for (const error of errors) assert.doesNotMatch(sentence(error), /undefined/);
});
