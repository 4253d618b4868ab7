import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { zeroAddress } from "viem";
import { until, World } from "./world.ts";

suite("a replica of a pool of four seats", () => {
  let world: World;
  let replica: MetisNode;
  const seats: MetisNode[] = [];
  before(async () => {
    world = await World.start({ seats: 4 });
    world.mine(250);
    for (const index of [0, 1, 2, 3]) seats.push(await world.seat(index));
    const urls = seats.map(({ rpcUrl }) => rpcUrl);
    replica = await world.node("replica", { "feed.urls": urls, "sequencer.rpc": urls });
  });
  after(() => world?.stop());

  /** Sends through the replica, and waits until the replica shows the block that a quorum signed. */
  async function transact(): Promise<bigint> {
    const { wallet, reader } = world.clients(replica);
    const hash = await wallet.sendTransaction({ to: zeroAddress, value: 1n });
    const { blockNumber } = await until("the transaction is in a signed block", () =>
      reader.getTransactionReceipt({ hash }).catch(() => undefined),
    );
    const { bitmap } = replica.base.chain.certificate(blockNumber)!.certificate;
    assert.ok(bitmap.toString(2).replaceAll("0", "").length >= 3);
    return blockNumber;
  }

  test("has its blocks with the certificates of three or more", async () => {
    const number = await transact();
    const held = await Promise.all([...seats, replica].map(({ base }) => base.mvm.reader.block(number)));
    assert.equal(new Set(held.map((block) => block?.hash)).size, 1);
  });

  test("goes over to another seat, for blocks and for transactions, when the one it follows is gone", async () => {
    await world.stopNode(seats[0]!);
    const head = replica.base.heads.heads().signed.number;
    assert.ok((await transact()) > head);
    assert.equal(replica.base.status.divergence, undefined);
    await until("it is well", () => replica.health().status === "ok");
  });
});
