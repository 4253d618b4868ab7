import assert from "node:assert/strict";
import { beforeEach, suite, test } from "node:test";
import type { BlockRef } from "@metis/mvm";
import { createMetrics, silentLogger } from "@metis/runtime";
import { padHex } from "viem";
import type { Hash } from "viem";
import { ChainHeads } from "../../heads/heads.ts";
import type { DerivedBatch } from "../../heads/records.ts";
import { HandoverFollower } from "./follower.ts";
import type { Handover } from "./records.ts";

const hashOf = (name: string): Hash => padHex(`0x${Buffer.from(name).toString("hex")}`, { size: 32 });
const block = (number: bigint, name = "own"): BlockRef => ({ number, hash: hashOf(`${name} ${number}`) });

/** A node whose chain reaches block 9, of which L1 has 4 and the pool signed 8. */
class Node {
  blocks: (BlockRef & { readonly inputs?: { readonly generation: number } })[] = Array.from(
    { length: 10 },
    (_, number) => block(BigInt(number)),
  );
  handovers: Handover[] = [];
  derivedGeneration = 0;
  readonly calls: string[] = [];
  held: string | undefined;
  generation = 0;
  readonly heads = new ChainHeads(
    { unsafe: block(9n), signed: block(8n), safe: block(4n), finalized: block(0n) },
    createMetrics(),
  );
  readonly follower: HandoverFollower;

  constructor() {
    const reader = { head: () => this.blocks.at(-1)!, block: async (n: bigint) => this.blocks[Number(n)] };
    this.follower = new HandoverFollower({
      config: { l1Depth: 2 },
      sets: { handovers: async () => this.handovers },
      watcher: { view: { head: { number: 100n } } } as never,
      reader: reader as never,
      writer: {
        takeBack: async (number, firstBatch, generation) => {
          this.calls.push(`takeBack ${number} batches ${firstBatch} generation ${generation}`);
          this.blocks.length = Number(number) + 1;
        },
      },
      chain: {
        lastDerived: () => ({ header: { batchIndex: 3n, generation: this.derivedGeneration } }) as DerivedBatch,
      },
      heads: this.heads,
      status: this.#status(),
      logger: silentLogger(),
    });
  }

  #status() {
    const generationNow = (): number => Math.max(this.generation, this.derivedGeneration);
    return {
      get generation() {
        return generationNow();
      },
      handOver: (generation: number) => {
        if (generation !== this.generation) this.calls.push(`generation ${generation}`);
        this.generation = generation;
      },
      hold: (reason: string | undefined) => {
        this.held = reason;
      },
      leave: async (generation: number) => {
        this.calls.push(`leave ${generation}`);
      },
    };
  }
}

const handover = (pin: BlockRef | undefined, generation = 1, l1BlockNumber = 98n): Handover => ({
  generation,
  epoch: 0n,
  l1BlockNumber,
  members: [],
  pin,
});

suite("a node and an emergency handover", () => {
  let node: Node;
  beforeEach(() => {
    node = new Node();
  });

  test("takes no notice before the handover is l1Depth deep", async () => {
    node.handovers = [handover(block(7n), 1, 99n)];
    await node.follower.follow();
    assert.deepEqual(node.calls, []);
  });

  test("goes back to the pinned block before it goes on, and makes nothing of the old generation from then on", async () => {
    node.handovers = [handover(block(7n))];
    await node.follower.follow();
    assert.deepEqual(node.calls, ["leave 0", "takeBack 7 batches 4 generation 0", "generation 1"]);
    assert.equal(node.held, undefined);
  });

  test("goes back to what L1 has when nothing above it is pinned", async () => {
    for (const pin of [undefined, block(3n), block(4n)]) {
      node = new Node();
      node.handovers = [handover(pin)];
      await node.follower.follow();
      assert.deepEqual(node.calls, ["leave 0", "takeBack 4 batches 4 generation 0", "generation 1"]);
    }
  });

  test("waits with what it has for a pinned block that it does not hold", async () => {
    node.handovers = [handover(block(12n, "theirs"))];
    await node.follower.follow();
    assert.deepEqual(node.calls, ["leave 0", "generation 1"]);
    assert.match(node.held!, /goes on from block 12/);
    node.blocks = Array.from({ length: 13 }, (_, number) => block(BigInt(number), number > 9 ? "theirs" : "own"));
    const again = new Node();
    Object.assign(again, { blocks: node.blocks, handovers: node.handovers, generation: 1 });
    await again.follower.follow();
    assert.equal(again.held, undefined);
    assert.deepEqual(again.calls, [], "what stands on the pin is not taken back again");
  });

  test("takes nothing back again that it made in the new generation, as after a restart", async () => {
    node.handovers = [handover(block(7n))];
    node.blocks = node.blocks.map((own) => (own.number > 7n ? { ...own, inputs: { generation: 1 } } : own));
    await node.follower.follow();
    assert.deepEqual(node.calls, ["leave 0", "generation 1"]);
    assert.equal(node.held, undefined);
  });

  test("gives up its own block where another one is pinned", async () => {
    node.handovers = [handover(block(7n, "theirs"))];
    await node.follower.follow();
    assert.deepEqual(node.calls, ["leave 0", "takeBack 4 batches 4 generation 0", "generation 1"]);
    assert.match(node.held!, /goes on from block 7/);
  });

  test("waits for nothing once L1 has a batch of the new generation", async () => {
    node.handovers = [handover(block(12n, "theirs"))];
    node.derivedGeneration = 1;
    await node.follower.follow();
    assert.deepEqual(node.calls, ["generation 1"]);
    assert.equal(node.held, undefined);
  });

  test("falls back when L1 takes the handover back", async () => {
    node.generation = 1;
    await node.follower.follow();
    assert.deepEqual(node.calls, ["generation 0"]);
  });
});
