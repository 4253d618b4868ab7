import assert from "node:assert/strict";
import { after, afterEach, before, suite, test } from "node:test";
import { MemoryStore } from "@metis/runtime";
import type { Hex } from "viem";
import { FeedWorld, ScriptedFeed, signBlock } from "./feed.fixture.ts";
import type { ScriptedPool } from "./feed.fixture.ts";
import type { FeedBlock } from "./signedBlock.ts";

const other: Hex = `0x${"ab".repeat(32)}`;

suite("a replica that follows feeds", () => {
  let world: FeedWorld;
  let pool: ScriptedPool;
  before(async () => {
    world = await FeedWorld.start();
    pool = await world.pool();
  });
  afterEach(() => world.stopNodes(1));
  after(() => world.stop());

  let replicas = 0;
  /** A data directory of its own for every replica. */
  const nextName = (): string => `replica-${replicas++}`;

  type Replica = Awaited<ReturnType<FeedWorld["replica"]>>;
  const inStep = (replica: Replica): Promise<void> =>
    world.until(
      `in step: ${JSON.stringify(replica.follower.status(), (_, value) => String(value))}`,
      () => replica.heads.heads().signed.hash === pool.node.heads.heads().signed.hash,
    );
  const metric = async (replica: Replica, name: string): Promise<string[]> =>
    (await replica.metrics.render()).split("\n").filter((line) => line.startsWith(`metis_${name}`));

  test("goes on after a restart from what it has", async () => {
    await pool.produce(3);
    const store = new MemoryStore();
    const name = nextName();
    const first = await world.replica(name, [new ScriptedFeed("a", pool)], store);
    await first.follower.start();
    await inStep(first);
    await first.follower.stop();
    await first.watcher.stop();
    await first.mvm.close();
    await pool.produce(2);
    const again = await world.replica(name, [new ScriptedFeed("a", pool)], store);
    const { signed } = first.chain.marks();
    assert.deepEqual(signed, again.mvm.head());
    again.heads.update({ unsafe: again.mvm.head(), signed: again.mvm.head() });
    await again.follower.start();
    await inStep(again);
  });

  test("fills a gap in what it is told", async () => {
    const feed = new ScriptedFeed("a", pool);
    const replica = await world.replica(nextName(), [feed]);
    await replica.follower.start();
    await world.until("it follows", () => replica.follower.status().state === "following");
    feed.silent = true;
    await pool.produce(20);
    feed.silent = false;
    await pool.produce(1);
    await inStep(replica);
  });

  test("goes over to the next feed when one is down, and back when that one is down too", async () => {
    const feeds = ["a", "b"].map((name) => new ScriptedFeed(name, pool));
    const replica = await world.replica(nextName(), feeds);
    await replica.follower.start();
    await world.until("it follows", () => replica.follower.status().state === "following");
    feeds[0]!.cut();
    await pool.produce(2);
    await inStep(replica);
    assert.equal(replica.follower.status().from, "b");
    feeds[0]!.down = false;
    feeds[1]!.cut();
    await pool.produce(2);
    await inStep(replica);
    assert.equal(replica.follower.status().from, "a");
    assert.deepEqual(await metric(replica, "feed_switches_total"), ["metis_feed_switches_total 2"]);
  });

  test("says so when no feed answers, and follows as soon as one is back", async () => {
    const feed = new ScriptedFeed("a", pool);
    feed.down = true;
    const replica = await world.replica(nextName(), [feed]);
    await replica.follower.start();
    await world.until("it says so", () => replica.follower.health().status === "degraded");
    assert.match(replica.follower.health().detail ?? "", /no feed can be followed, L1 alone is: a: down/);
    feed.down = false;
    await pool.produce(2);
    await inStep(replica);
    await world.until("it is well", () => replica.follower.health().status === "ok");
  });

  test("endless silence of one feed: another one is asked and then followed", async () => {
    const feeds = ["a", "b"].map((name) => new ScriptedFeed(name, pool));
    feeds[0]!.silent = true;
    const replica = await world.replica(nextName(), feeds);
    await replica.follower.start();
    await world.until("it follows the silent one", () => replica.follower.status().from === "a");
    await pool.produce(2);
    await inStep(replica);
    await pool.produce(1);
    await inStep(replica);
    assert.equal(replica.follower.status().from, "b");
  });

  const forgeries: readonly [name: string, code: string, tamper: (block: FeedBlock) => FeedBlock][] = [
    [
      "with another block hash, signed by all",
      "execution-differs",
      ({ inputs, attestation }) => signBlock(inputs, { ...attestation, blockHash: other }),
    ],
    [
      "with a flipped bit in its signatures",
      "certificate-invalid",
      (block) => ({ ...block, signatures: `0x${flip(block.signatures.slice(2))}` }),
    ],
    [
      "with the number of a later block",
      "out-of-order",
      ({ inputs, attestation }) => signBlock(inputs, { ...attestation, number: attestation.number + 1n }),
    ],
    [
      "with other transactions",
      "execution-differs",
      (block) => ({ ...block, inputs: { ...block.inputs, transactions: [] } }),
    ],
  ];
  test("every kind of forged block is refused and counted, until a feed tells the truth", async () => {
    const liars = forgeries.map(([name, , tamper]) => Object.assign(new ScriptedFeed(name, pool), { tamper }));
    await pool.produce(2);
    const replica = await world.replica(nextName(), [...liars, new ScriptedFeed("honest", pool)]);
    await replica.follower.start();
    await inStep(replica);
    assert.equal(replica.follower.status().from, "honest");
    const counts = await metric(replica, "feed_blocks_refused_total");
    assert.deepEqual(counts.toSorted(), [
      'metis_feed_blocks_refused_total{reason="certificate-invalid"} 1',
      'metis_feed_blocks_refused_total{reason="execution-differs"} 2',
      'metis_feed_blocks_refused_total{reason="out-of-order"} 1',
    ]);
  });

  test("a feed that told the truth and begins to lie loses nothing and nobody", async () => {
    const feeds = ["a", "b"].map((name) => new ScriptedFeed(name, pool));
    const replica = await world.replica(nextName(), feeds);
    await replica.follower.start();
    await pool.produce(2);
    await inStep(replica);
    feeds[0]!.tamper = (block) => ({ ...block, bitmap: 0b11n });
    await pool.produce(2);
    await inStep(replica);
    assert.equal(replica.follower.status().from, "b");
    feeds[0]!.tamper = (block) => block;
    feeds[1]!.cut();
    await pool.produce(2);
    await inStep(replica);
  });

  test("waits with a block whose anchor L1 does not show here yet, and blames nobody", async () => {
    const feed = new ScriptedFeed("a", pool);
    const replica = await world.replica(nextName(), [feed]);
    await replica.follower.start();
    await pool.produce(1);
    await inStep(replica);
    world.l1.mine(6);
    await world.clock.advance(300);
    await replica.watcher.stop();
    const { view } = replica.watcher;
    // This replica's L1 stands still while the pool's goes on.
    world.l1.mine(6);
    await world.until("the pool sees it", () => pool.node.watcher.view.head.number > view.head.number + 2n);
    await pool.produce(1);
    await world.until("it waits", () => replica.follower.status().state === "waiting");
    assert.match(replica.follower.status().reason ?? "", /has not been seen here yet/);
    assert.equal(replica.follower.status().refused, null);
    assert.equal(replica.heads.heads().signed.number + 1n, pool.mvm.head().number);
  });

  test("follows L1 alone while derivation holds it back, and the feed again after it", async () => {
    const replica = await world.replica(nextName(), [new ScriptedFeed("a", pool)]);
    replica.status.hold("the chain is still being derived from L1");
    await replica.follower.start();
    await pool.produce(2);
    await world.until("it says so", () => replica.follower.status().reason?.startsWith("following L1 alone") ?? false);
    assert.equal(replica.mvm.head().number, 0n);
    replica.status.hold(undefined);
    await inStep(replica);
    const divergence = {
      kind: "batch-contradicts",
      generation: 0,
      number: 2n,
      signedHash: other,
      batchIndex: 1n,
      anchorNumber: 0n,
      anchorHash: other,
      message: "batch 1 on L1 leads to another block 2",
    } as const;
    await replica.status.halt(divergence);
    await pool.produce(1);
    await world.until("it stops", () => replica.follower.health().status === "degraded");
    assert.match(replica.follower.health().detail ?? "", /following L1 alone: batch 1/);
    assert.equal(replica.mvm.head().number + 1n, pool.mvm.head().number);
  });

  test("an L1 that does not answer holds nothing up for longer than it is silent", async () => {
    const replica = await world.replica(nextName(), [new ScriptedFeed("a", pool)]);
    await pool.produce(2);
    world.l1.down = true;
    await replica.follower.start();
    await world.until("it waits", () => replica.follower.status().state === "waiting");
    assert.equal(replica.follower.status().refused, null);
    world.l1.down = false;
    await inStep(replica);
  });

  test("asks for what it misses as ranges, then takes what is told, and serves it on", async () => {
    await pool.produce(30);
    const feed = new ScriptedFeed("a", pool);
    const replica = await world.replica(nextName(), [feed]);
    await replica.follower.start();
    await inStep(replica);
    const asked = feed.ranges;
    await pool.produce(3);
    await inStep(replica);
    assert.equal(feed.ranges, asked, "told blocks need no range");
    assert.deepEqual(replica.follower.status(), {
      from: "a",
      state: "following",
      reason: null,
      lagBlocks: 0n,
      lagSeconds: replica.follower.status().lagSeconds,
      refused: null,
    });
    assert.equal(replica.follower.health().status, "ok");

    const second = await world.replica(nextName(), [new ScriptedFeed("replica", { node: replica })]);
    await second.follower.start();
    await inStep(second);
    assert.deepEqual(second.mvm.head(), pool.mvm.head());
  });
});

/** One bit of the first byte of s flipped. */
function flip(signatures: string): string {
  const at = 64;
  const nibble = (Number.parseInt(signatures[at]!, 16) ^ 1).toString(16);
  return signatures.slice(0, at) + nibble + signatures.slice(at + 1);
}
