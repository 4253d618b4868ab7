import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { join } from "node:path";
import { createNode } from "@metis/node";
import type { MetisNode } from "@metis/node";
import { silentLogger } from "@metis/runtime";
import { startAnvil } from "@metis/testing";
import type { Address } from "viem";
import { until, World } from "./world.ts";

suite("a node that is stopped and started again", () => {
  let world: World;
  let node: MetisNode;
  before(async () => {
    world = await World.start();
    world.mine();
    node = await world.sequencer();
  });
  after(() => world?.stop());

  const recipient = "0x00000000000000000000000000000000000000d0";
  async function transfer(): Promise<void> {
    const { wallet, reader } = world.clients(node);
    await reader.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to: recipient, value: 1n }) });
  }

  for (const mode of ["calldata", "blobs"] as const)
    test(`goes on at its last signed block, and its batches (${mode}) are posted once each`, async () => {
      const { chain } = node.base;
      await transfer();
      const { signed } = node.base.heads.heads();
      const posted = chain.lastDerived()!.header.batchIndex;
      await world.stopNode(node);
      node = await world.sequencer("sequencer", { "batcher.dataMode": mode });
      assert.equal((await node.base.mvm.reader.block(signed.number))!.hash, signed.hash);
      await transfer();
      const { number } = node.base.heads.heads().signed;
      await until("everything is on L1", () => node.base.heads.heads().safe.number >= number);
      const last = node.base.chain.lastDerived()!.header.batchIndex;
      assert.ok(last > posted);
      for (let index = 1n; index <= last; index++)
        assert.equal(node.base.chain.derived(index)!.firstBlock, node.base.chain.derived(index - 1n)!.lastBlock + 1n);
      assert.equal(node.base.status.divergence, undefined);
    });

  test("refuses an L1 that does not hold the block its chain begins at, and says what to do", async () => {
    await world.stopNode(node);
    const other = await startAnvil();
    try {
      await assert.rejects(world.sequencer("sequencer", { "l1.rpc": other.url }), (error) => {
        const { code, message } = error as { code?: string; message: string };
        return code === "l1-wrong-chain" && message.includes("--reset");
      });
    } finally {
      await other.stop();
    }
    node = await world.sequencer();
    await transfer();
  });

  test("refuses a deployment file whose set of sequencers is not L1's", async () => {
    const { deployment } = world;
    const more = [
      ...deployment.sequencers,
      { signer: world.anvil.account(9).address.toLowerCase() as Address, weight: 1n },
    ];
    const wrong = { ...deployment, sequencers: more };
    const options = world.options("wrong-set", { role: "sequencer", "signer.keyFile": join(world.folder, "seat.key") });
    const other = createNode(options, { logger: silentLogger(), deployment: wrong });
    await assert.rejects(other.start(), (error) => (error as { code?: string }).code === "not-in-set");
    await other.stop();
  });

  test("refuses a data directory of another chain", async () => {
    const elsewhere = await World.start({ chain: { blockTime: 2 } });
    try {
      await assert.rejects(
        elsewhere.node("foreign", { dataDir: world.options("sequencer").dataDir }),
        (error) => (error as { code?: string }).code !== undefined,
      );
    } finally {
      await elsewhere.stop();
    }
  });
});
