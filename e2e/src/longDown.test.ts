import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { metis, until, World } from "./world.ts";

/** More L1 blocks than the chain itself remembers hashes of (EIP-2935: 8,191). */
const away = 8_600;

suite("a sequencer that was down for longer than L1 remembers its block hashes", () => {
  let world: World;
  before(async () => {
    world = await World.start();
    world.mine();
  });
  after(() => world?.stop());

  test("brings its old anchor back to L1's memory, posts what it had signed, and catches up", async () => {
    const recipient = "0x00000000000000000000000000000000000000d0";
    let node = await world.sequencer();
    const first = world.clients(node);
    await first.reader.waitForTransactionReceipt({
      hash: await first.wallet.sendTransaction({ to: recipient, value: 1n }),
    });
    const signed = node.base.heads.heads().signed;
    await world.stopNode(node);
    await world.deposit(recipient, metis);

    await world.pauseMining();
    for (let mined = 0; mined < away; mined += 200) await world.anvil.client.mine({ blocks: 200, interval: 1 });
    world.mine();
    node = await world.sequencer();
    await until("the old blocks are on L1", () => node.base.heads.heads().safe.number >= signed.number);
    assert.equal((await node.base.mvm.reader.block(signed.number))!.hash, signed.hash);
    const { reader } = world.clients(node);
    await until("the deposit made meanwhile is paid", async () => {
      return (await reader.getBalance({ address: recipient })) === metis + 1n;
    });
    await until("batches on anchors that L1 had forgotten are taken", () => {
      const last = node.base.chain.lastDerived()!;
      return last.l1BlockNumber - last.header.anchorNumber > 8_191n && last.lastBlock > signed.number + 1n;
    });
  });
});
