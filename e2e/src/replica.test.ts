import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { until, World, metis } from "./world.ts";

suite("a node with an empty disk and an L1 endpoint", () => {
  let world: World;
  let sequencer: MetisNode;
  before(async () => {
    world = await World.start();
    world.mine(50);
    sequencer = await world.sequencer();
  });
  after(() => world?.stop());

  for (const mode of ["calldata", "blobs"] as const)
    test(`arrives at the sequencer's head hash and output root after mixed traffic, batches in ${mode}`, async () => {
      if (mode === "blobs") {
        await world.stopNode(sequencer);
        sequencer = await world.sequencer("sequencer", { "batcher.dataMode": "blobs" });
      }
      const { wallet, reader } = world.clients(sequencer);
      const recipient = "0x00000000000000000000000000000000000000d0";
      const held = await reader.getBalance({ address: recipient });
      for (let round = 0; round < 5; round++) {
        await world.deposit(recipient, metis);
        const hash = await wallet.sendTransaction({ to: recipient, value: 1n });
        await reader.waitForTransactionReceipt({ hash });
      }
      const wanted = held + 5n * metis + 5n;
      await until("deposits arrive", async () => (await reader.getBalance({ address: recipient })) === wanted);
      const { number } = sequencer.base.heads.heads().signed;
      await until("all of it is on L1", () => sequencer.base.heads.heads().safe.number >= number);

      // Blobs come from the sequencer itself, which serves those it posted.
      const replica = await world.node(`replica-${mode}`, { "l1.beacon": [sequencer.rpcUrl] });
      const target = sequencer.base.heads.heads().safe;
      await until("the replica follows", () => replica.base.heads.heads().safe.number >= target.number);
      const [own, derived] = await Promise.all(
        [sequencer, replica].map((node) => node.base.mvm.reader.block(target.number)),
      );
      assert.equal(derived?.hash, own?.hash);
      assert.equal(derived?.outputRoot, own?.outputRoot);
      const copy = world.clients(replica).reader;
      assert.equal(await copy.getBalance({ address: recipient, blockTag: "safe" }), wanted);
      await world.stopNode(replica);
    });
});
