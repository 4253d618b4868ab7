import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { zeroAddress } from "viem";
import { until, World } from "./world.ts";

suite("a pool of four seats and an escape", () => {
  let world: World;
  const nodes: MetisNode[] = [];
  before(async () => {
    world = await World.start({ seats: 4, chain: { heartbeat: 4 } });
    world.mine(120);
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
  });
  after(() => world?.stop());

  const attestation = ({ base }: MetisNode) => base.chain.certificate(base.heads.heads().signed.number)?.attestation;

  test("begins anew in the next generation, on the chain that L1 has, and signs on", async () => {
    const [first] = nodes;
    await until("blocks are signed", () => (attestation(first!)?.number ?? 0n) > 2n);
    for (const node of nodes.splice(0)) await world.stopNode(node);
    await world.escape();
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
    for (const node of nodes) await until("the next generation signs", () => attestation(node)?.generation === 1);
    const { reader, wallet } = world.clients(nodes[2]!);
    const hash = await wallet.sendTransaction({ to: zeroAddress, value: 1n });
    const { blockNumber } = await until("a transaction is included", () =>
      reader.getTransactionReceipt({ hash }).catch(() => undefined),
    );
    const hashes = await Promise.all(
      nodes.map((node) =>
        until("everybody has the block", async () => (await node.base.mvm.reader.block(blockNumber))?.hash),
      ),
    );
    assert.equal(new Set(hashes).size, 1);
    for (const node of nodes)
      await until("the new generation is on L1", () => node.base.chain.lastDerived()!.lastBlock >= blockNumber);
  });
});
