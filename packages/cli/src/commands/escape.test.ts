import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deployL1, encodeDeployment } from "@metis/node";
import { profiles } from "@metis/protocol";
import { batchInboxAbi } from "@metis/protocol/contracts";
import { smallDeployment, startAnvil } from "@metis/testing";
import { numberToHex } from "viem";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

/** EIP-2935: holds a block's hash at its number modulo 8,191. */
const historyStorage = "0x0000F90827F1C53a10cb7A02335B175320002935";
const nothing = `0x${"00".repeat(32)}` as const;

test("an escape whose anchor L1 has forgotten brings it back first", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metis-escape-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const anvil = await startAnvil();
  t.after(() => anvil.stop());
  const { devnet } = profiles;
  const deployment = await deployL1(
    smallDeployment(anvil, { profile: { ...devnet, chain: { ...devnet.chain, maxBatchAnchors: 64 } } }),
  );
  const deploymentFile = join(folder, "deployment.json");
  writeFileSync(deploymentFile, encodeDeployment(deployment));
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6");

  const inbox = { address: deployment.contracts.batchInbox, abi: batchInboxAbi } as const;
  const escape = async (): Promise<Record<string, unknown>> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const flags = ["--data-dir", folder, "--l1-rpc", anvil.url, "--l2-rpc", anvil.url, "--deployment", deploymentFile];
    assert.equal(await run(["escape", ...flags, "--key-file", keyFile, "--json"], io), 0, lines.join("\n"));
    return JSON.parse(lines[0]!) as Record<string, unknown>;
  };
  await anvil.client.mine({ blocks: 500, interval: 1 });
  assert.equal((await escape())["status"], "announced");
  await anvil.client.mine({ blocks: devnet.l1.pinWindow + 1, interval: 1 });
  const anchor = deployment.chainConfig.genesisAnchorNumber + 64n;
  for (let number = anchor; number < anchor + 200n; number++)
    await anvil.client.setStorageAt({ address: historyStorage, index: numberToHex(number % 8_191n), value: nothing });
  assert.equal(await anvil.client.readContract({ ...inbox, functionName: "anchorHashAt", args: [anchor] }), nothing);

  assert.equal((await escape())["status"], "escaped");
  const { hash } = await anvil.client.getBlock({ blockNumber: anchor });
  assert.equal(await anvil.client.readContract({ ...inbox, functionName: "anchorHashAt", args: [anchor] }), hash);
});
