import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRpcClient } from "@metis/runtime";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** The command as a process of its own. */
const metis = (...args: readonly string[]) =>
  spawn(process.execPath, ["--conditions=@metis/source", "--no-warnings", main, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });

test("metis node import and metis node run --pure --port 0: what one leaves the other serves, until it is told to end", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metis-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [dataDir, genesis, chain] = ["data", "genesis.json", "chain.rlp"].map((name) => join(folder, name));
  writeFileSync(
    genesis!,
    JSON.stringify({ config: { chainId: 7 }, gasLimit: "0x1000000", difficulty: "0x1", alloc: {} }),
  );
  writeFileSync(chain!, "");
  const imported = metis("--json", "node", "import", "--data-dir", dataDir!, "--genesis", genesis!, "--rlp", chain!);
  const said = (await createInterface(imported.stdout)[Symbol.asyncIterator]().next()).value as string;
  const { number, hash } = JSON.parse(said) as { readonly number: number; readonly hash: string };
  assert.equal(number, 0);
  await once(imported, "close");
  const node = metis("node", "run", "--pure", "--data-dir", dataDir!, "--port", "0", "--log-level", "silent");
  const [, url = ""] = ((await createInterface(node.stdout)[Symbol.asyncIterator]().next()).value as string).split(" ");
  const rpc = createRpcClient({ url });
  assert.equal(await rpc.request("eth_chainId"), "0x7");
  const block = await rpc.request<{ readonly hash: string }>("eth_getBlockByNumber", ["finalized", false]);
  assert.equal(block.hash, hash);
  node.kill("SIGTERM");
  assert.deepEqual(await once(node, "close"), [0, null]);
});
