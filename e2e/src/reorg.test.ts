import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { batchInboxAbi } from "@metis/protocol/contracts";
import type { Hash } from "viem";
import { metis, until, World } from "./world.ts";

const recipient = "0x00000000000000000000000000000000000000d0";

/** Hashes of the signed blocks so far, by number. */
async function signedBlocks(node: MetisNode): Promise<Map<bigint, Hash>> {
  const { mvm, heads } = node.base;
  const hashes = new Map<bigint, Hash>();
  for (let number = 1n; number <= heads.heads().signed.number; number++)
    hashes.set(number, (await mvm.reader.block(number))!.hash);
  return hashes;
}

async function transfer(world: World, node: MetisNode): Promise<void> {
  const { wallet, reader } = world.clients(node);
  await reader.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to: recipient, value: 1n }) });
}

const batchHashOnL1 = (world: World, index: bigint): Promise<Hash> =>
  world.anvil.client.readContract({
    address: world.deployment.contracts.batchInbox,
    abi: batchInboxAbi,
    functionName: "batchHashAt",
    args: [index],
  });

suite("L1 reorganises", () => {
  let world: World;
  let node: MetisNode;
  before(async () => {
    world = await World.start({ chain: { l1Depth: 24 }, slotsInAnEpoch: 12 });
    world.mine();
    node = await world.sequencer();
    await until("L1 is old enough to have usable anchors", async () => {
      const { number } = await world.anvil.client.getBlock({ blockTag: "latest" });
      return number > world.deployment.chainConfig.genesisAnchorNumber + 60n;
    });
  });
  after(() => world?.stop());

  for (const depth of [1, 2, 5, 12, 20])
    test(`${depth} blocks, less than l1Depth: no signed block changes and the same batches land again`, async () => {
      await transfer(world, node);
      await until(
        "a batch is posted",
        () => node.base.heads.heads().safe.number >= node.base.heads.heads().signed.number,
      );
      const signed = await signedBlocks(node);
      const { chain } = node.base;
      const cuts = [];
      for (let index = 1n; chain.cut(index); index++) cuts.push(chain.derived(index)!.batchHash);

      await world.reorg(depth);
      await transfer(world, node);
      const { number } = node.base.heads.heads().signed;
      await until("everything is on L1 again", () => node.base.heads.heads().safe.number >= number);

      for (const [height, hash] of signed) assert.equal((await node.base.mvm.reader.block(height))!.hash, hash);
      for (const [position, hash] of cuts.entries())
        assert.equal(await batchHashOnL1(world, BigInt(position) + 1n), hash);
      assert.equal(node.base.status.divergence, undefined);
    });

  test("a replica over the reorganised L1 derives the sequencer's blocks", async () => {
    const replica = await world.node("replica");
    const { safe } = node.base.heads.heads();
    await until("it follows", () => replica.base.heads.heads().safe.number >= safe.number);
    assert.equal((await replica.base.mvm.reader.block(safe.number))!.hash, safe.hash);
    await world.stopNode(replica);
  });

  test("a deposit that the reorganisation took away and L1 mined again is paid once", async () => {
    const { reader } = world.clients(node);
    const held = await reader.getBalance({ address: recipient });
    await world.deposit(recipient, metis);
    await world.reorg(8);
    await world.deposit(recipient, metis);
    await until("it arrives", async () => (await reader.getBalance({ address: recipient })) === held + metis);
    await transfer(world, node);
    assert.equal(await reader.getBalance({ address: recipient }), held + metis + 1n);
  });

  test("deeper than l1Depth: the anchor that is gone is named, signing stops, and goes on after an escape", async () => {
    await transfer(world, node);
    await world.pauseMining();
    const { number } = node.base.heads.heads().signed;
    const { anchorNumber } = (await node.base.mvm.reader.block(number))!.inputs!;
    const { number: head } = await world.anvil.client.getBlock({ blockTag: "latest" });
    const depth = Number(head - anchorNumber) + 1;
    assert.ok(depth > node.base.deployment.chainConfig.l1Depth);
    await world.reorg(depth);
    const divergence = await until("the node notices", () => node.base.status.divergence);
    assert.equal(divergence.kind, "anchor-gone");
    assert.match(divergence.message, new RegExp(`${divergence.anchorNumber}`));
    assert.ok(divergence.number <= number);
    assert.equal(node.health().status, "degraded");

    await world.escape();
    await until("signing goes on", () => node.base.status.state().may);
    assert.equal(node.base.status.generation, 1);
    await transfer(world, node);
    const signed = node.base.heads.heads().signed;
    await until("and posting", () => node.base.heads.heads().safe.number >= signed.number);

    const replica = await world.node("late-replica");
    const { safe } = node.base.heads.heads();
    await until("a new node agrees", () => replica.base.heads.heads().safe.number >= safe.number);
    assert.equal((await replica.base.mvm.reader.block(safe.number))!.hash, safe.hash);
  });
});
