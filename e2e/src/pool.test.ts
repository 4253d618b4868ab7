import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { zeroAddress } from "viem";
import { until, World } from "./world.ts";

const signersOf = (node: MetisNode, number: bigint): number => {
  const { bitmap } = node.base.chain.certificate(number)?.certificate ?? { bitmap: 0n };
  return bitmap.toString(2).replaceAll("0", "").length;
};

suite("a pool of four seats", () => {
  let world: World;
  const nodes: MetisNode[] = [];
  before(async () => {
    world = await World.start({ seats: 4 });
    world.mine(250);
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
  });
  after(() => world?.stop());

  test("signs blocks with more than two thirds, the same ones everywhere", async () => {
    const { wallet, reader } = world.clients(nodes[1]!);
    const hash = await wallet.sendTransaction({ to: zeroAddress, value: 1n });
    const { blockNumber } = await until("the transaction is in a block", () =>
      reader.getTransactionReceipt({ hash }).catch(() => undefined),
    );
    for (const node of nodes)
      await until("every member has the certificate", () => node.base.chain.certificate(blockNumber) !== undefined);
    const hashes = await Promise.all(nodes.map(async ({ base }) => (await base.mvm.reader.block(blockNumber))?.hash));
    assert.equal(new Set(hashes).size, 1);
    for (const node of nodes) assert.ok(signersOf(node, blockNumber) >= 3);
  });

  const signed = (node: MetisNode): bigint => node.base.heads.heads().signed.number;
  const stop = async (index: number): Promise<void> => {
    await world.stopNode(nodes[index]!);
    nodes.splice(index, 1);
  };

  test("goes on without any one of them", async () => {
    await stop(0);
    const head = signed(nodes[0]!);
    for (const node of nodes) await until("three go on", () => signed(node) > head + 2n);
  });

  test("halts without two of them, and goes on when one is back", async () => {
    await stop(0);
    const last = signed(nodes[0]!);
    await until("both say that the pool halts", () =>
      nodes.every((node) => /the pool halts/.test(node.health().detail ?? "")),
    );
    const halted = signed(nodes[0]!);
    assert.ok(halted <= last + 1n, `${halted} after ${last}`);
    nodes.push(await world.seat(0));
    for (const node of nodes) await until("three go on", () => signed(node) > halted + 2n);
  });
});
