import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { until, World, metis } from "./world.ts";

const recipient = "0x00000000000000000000000000000000000000d1";

suite("a replica that follows the signed blocks of a seat", () => {
  let world: World;
  let seat: MetisNode;
  let replica: MetisNode;
  before(async () => {
    world = await World.start();
    world.mine(50);
    seat = await world.sequencer();
    replica = await world.node("replica", { "feed.urls": [seat.rpcUrl], "sequencer.rpc": [seat.rpcUrl] });
  });
  after(() => world.stop());

  const signed = (node: MetisNode) => node.base.heads.heads().signed;

  /** Resolves when `node` has every block that the seat has signed now; before any of them can be on L1. */
  async function inStep(node: MetisNode): Promise<void> {
    const target = signed(seat);
    await until("the replica follows", () => signed(node).number >= target.number);
    assert.equal((await node.base.mvm.reader.block(target.number))?.hash, target.hash);
  }

  test("its latest is the seat's signed head within a block, before the block is on L1", async () => {
    const { wallet, reader } = world.clients(replica);
    await inStep(replica);
    for (let round = 0; round < 4; round++) {
      // The transaction goes through the replica and comes back in a block that the seat signed.
      const hash = await wallet.sendTransaction({ to: recipient, value: 1n });
      const { blockNumber } = await reader.waitForTransactionReceipt({ hash, pollingInterval: 20 });
      assert.ok(seat.base.heads.heads().signed.number - blockNumber <= 1n);
    }
    await world.deposit(recipient, metis);
    await until("the deposit arrives", async () => (await reader.getBalance({ address: recipient })) === metis + 4n);
    await inStep(replica);
  });
});
