import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { getEvidence, getSlashes, getSyncStatus, reportEvidence } from "@metis/client";
import type { MetisNode } from "@metis/node";
import { signingDomain } from "@metis/protocol";
import { freePorts } from "@metis/runtime";
import type { Hash } from "viem";
import { startFlippingProxy } from "./flippingProxy.ts";
import { startForkingFeed } from "./forkingFeed.ts";
import { spawnSeat } from "./nodeProcess.ts";
import type { Heads, NodeProcess } from "./nodeProcess.ts";
import { seatKeyOf, until, World, metis } from "./world.ts";

const recipient = "0x00000000000000000000000000000000000000d1";

suite("a replica that follows the signed blocks of a seat", () => {
  let world: World;
  let seat: NodeProcess;
  let port: number | undefined;
  let replica: MetisNode;
  before(async () => {
    world = await World.start();
    world.mine();
    [port] = await freePorts(1);
    await startSeat();
    replica = await world.node("replica", { "feed.urls": [seat.url], "sequencer.rpc": [seat.url] });
  });
  after(async () => {
    await seat?.kill();
    await world?.stop();
  });

  const signed = (node: MetisNode) => node.base.heads.heads().signed;
  const signedBySeat = async () => (await seat.rpc.request<Heads>("rollup_syncStatus")).signed;

  /** Resolves when `node` has every block that the seat has signed now. */
  async function inStep(node: MetisNode): Promise<void> {
    const { number, hash } = await signedBySeat();
    await until("the replica follows", () => signed(node).number >= BigInt(number));
    assert.equal((await node.base.mvm.reader.block(BigInt(number)))?.hash, hash);
  }

  /** Sends through the replica and waits until the replica shows the receipt. */
  async function transact(): Promise<{ readonly hash: Hash; readonly blockNumber: bigint }> {
    const { wallet, reader } = world.clients(replica);
    const hash = await wallet.sendTransaction({ to: recipient, value: 1n });
    const { blockNumber } = await reader.waitForTransactionReceipt({ hash });
    return { hash, blockNumber };
  }

  /** Nothing gets on L1 any more, batches neither. */
  async function freezeL1(): Promise<void> {
    await world.leap(60);
    await world.anvil.client.setAutomine(false);
  }

  async function thawL1(): Promise<void> {
    await world.anvil.client.setAutomine(true);
    world.mine();
  }

  /** The seat on its folder and port: new, or again as after a crash. */
  async function startSeat(): Promise<void> {
    seat = await spawnSeat(world, "seat", { "rpc.port": port! });
  }

  test("its latest is within a block of the seat's, before the block is on L1", async () => {
    await transact();
    await freezeL1();
    for (let round = 0; round < 3; round++) {
      const { blockNumber } = await transact();
      assert.ok(BigInt((await signedBySeat()).number) - blockNumber <= 1n);
      assert.ok(replica.base.heads.heads().safe.number < blockNumber);
    }
    await thawL1();
    const { reader } = world.clients(replica);
    const held = await reader.getBalance({ address: recipient });
    await world.deposit(recipient, metis);
    await until("the deposit arrives", async () => (await reader.getBalance({ address: recipient })) === held + metis);
    await inStep(replica);
    const { feed, signing } = await getSyncStatus(world.clients(replica).reader);
    assert.equal(feed?.state, "following");
    assert.equal(feed.from, new URL(seat.url).host);
    assert.equal(feed.refused, null);
    assert.deepEqual(signing, { may: false, reason: "this node holds no seat" });
  });

  test("a killed seat costs it nothing: it says so, keeps its head, and follows as soon as the seat is back", async () => {
    await transact();
    await seat.kill();
    await until("it says so", () => replica.health().detail?.includes("no feed can be followed"));
    const head = signed(replica);
    await startSeat();
    const { blockNumber } = await until("a transaction goes through", () => transact().catch(() => undefined));
    assert.equal((await replica.base.mvm.reader.block(head.number))?.hash, head.hash);
    assert.ok(blockNumber > head.number);
    await inStep(replica);
    await until("it is well", () => replica.health().status === "ok");
  });

  test("a feed that changes what it passes on is refused, and the next one followed; alone it leaves L1", async () => {
    const proxy = await startFlippingProxy(seat.url);
    try {
      const urls = [proxy.url, seat.url];
      const careful = await world.node("careful", { "feed.urls": urls });
      const lonely = await world.node("lonely", { "feed.urls": urls.slice(0, 1) });
      const { blockNumber } = await transact();
      await inStep(careful);
      const status = await until("it follows the seat", async () => {
        const { feed } = await getSyncStatus(world.clients(careful).reader);
        return feed?.from === new URL(seat.url).host && feed;
      });
      assert.equal(status.refused?.from, new URL(proxy.url).host);
      assert.match(status.refused.reason, /^(block \d+|a block) of the feed: ./);

      await until("L1 brings the block", () => lonely.base.heads.heads().safe.number >= blockNumber);
      const { hash } = (await replica.base.mvm.reader.block(blockNumber))!;
      assert.equal((await lonely.base.mvm.reader.block(blockNumber))?.hash, hash);
      assert.equal(lonely.base.chain.certificate(blockNumber), undefined);
      assert.equal(lonely.base.status.divergence, undefined);
      proxy.flips = false;
      await transact();
      await inStep(lonely);
      await Promise.all([careful, lonely].map((node) => world.stopNode(node)));
    } finally {
      proxy.close();
    }
  });

  test("a replica with an empty disk catches up by L1 and by ranges of another replica", async () => {
    await freezeL1();
    for (let round = 0; round < 3; round++) await transact();
    const fresh = await world.node("fresh", { "feed.urls": [replica.rpcUrl] });
    await inStep(fresh);
    const heads = fresh.base.heads.heads();
    assert.ok(heads.safe.number < heads.signed.number);
    const certified = fresh.base.chain.certificate(heads.signed.number);
    assert.deepEqual(certified, replica.base.chain.certificate(heads.signed.number));
    await thawL1();
    await until("L1 confirms it", () => fresh.base.heads.heads().safe.number >= heads.signed.number);
    assert.equal(fresh.base.status.divergence, undefined);
    await world.stopNode(fresh);
  });

  test("an escape drops what was signed and not posted; it follows into the new generation", async () => {
    await freezeL1();
    const { hash, blockNumber } = await transact();
    const dropped = (await replica.base.mvm.reader.block(blockNumber))!;
    await seat.kill();
    await world.anvil.client.request({ method: "anvil_dropAllTransactions" } as never);
    await world.anvil.client.setAutomine(true);
    await world.escape();
    await until("the replica sees the raise", () => replica.base.status.generation === 1);
    assert.equal((await status(replica, dropped.hash)).status, "dropped");
    assert.notEqual((await replica.base.mvm.reader.block(blockNumber))?.hash, dropped.hash);

    await startSeat();
    const { reader } = world.clients(replica);
    await until("the transaction comes again", () => reader.getTransactionReceipt({ hash }).catch(() => undefined));
    await until("it follows the seat again", async () => (await getSyncStatus(reader)).feed?.state === "following");
    const next = await transact();
    await inStep(replica);
    assert.equal(replica.base.chain.certificate(next.blockNumber)?.attestation.generation, 1);
    assert.equal(replica.base.status.divergence, undefined);
  });

  test("what two feeds show costs a seat that signed both everything, whoever brings it to L1", async () => {
    const { genesisConfig: contracts } = world.deployment;
    const fork = await startForkingFeed(seat.url, signingDomain(contracts), seatKeyOf(0));
    try {
      const watchful = await world.node("watchful", { "feed.urls": [seat.url, fork.url] });
      await transact();
      const { reader } = world.clients(watchful);
      const [evidence] = await until("it finds both signatures", async () => {
        const found = await getEvidence(reader);
        return found.length > 0 && found;
      });
      assert.equal(evidence!.offence, "signed two blocks of one number");
      const { client } = world.anvil;
      const hash = await reportEvidence(client, { account: world.anvil.account(7), contracts, evidence: evidence! });
      assert.equal((await client.waitForTransactionReceipt({ hash })).status, "success");
      const [slash] = await getSlashes(client, { contracts });
      assert.deepEqual([slash?.offence, slash?.seatId], ["equivocation", 1n]);
      await world.stopNode(watchful);
    } finally {
      fork.close();
    }
  });
});

async function rpc<T>(node: MetisNode, method: string, params: readonly unknown[]): Promise<T> {
  const response = await fetch(node.rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return ((await response.json()) as { result: T }).result;
}
const status = (node: MetisNode, hash: Hash): Promise<{ readonly status: string }> =>
  rpc(node, "rollup_blockStatus", [hash]);
