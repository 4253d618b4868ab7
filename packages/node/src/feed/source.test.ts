import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { zeroHash } from "@metis/protocol";
import { createRpcClient, JsonRpcServer, method, MethodRegistry, param } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import { feedMethods } from "../rollup-rpc/feed.ts";
import { FeedWorld } from "./feed.fixture.ts";
import type { ScriptedPool } from "./feed.fixture.ts";
import { maxFeedBlockBytes } from "./signedBlock.ts";
import type { FeedBlock } from "./signedBlock.ts";
import { maxRangeBlocks, remoteFeed } from "./source.ts";
import type { FeedSource } from "./source.ts";

const never = new AbortController().signal;
const maxBlockBytes = 256 * 1024;

/** Runs `body` against a server of `methods`. */
async function serving(methods: Readonly<Record<string, RpcMethod>>, body: (url: string) => Promise<void>) {
  const server = new JsonRpcServer({ registry: new MethodRegistry().addAll(methods), options: { "rpc.port": 0 } });
  await server.start();
  try {
    await body(server.url);
  } finally {
    await server.stop();
  }
}

/** Reads blocks of a subscription one after the other. */
async function subscribed(feed: FeedSource) {
  const told: (() => FeedBlock)[] = [];
  const ended: Error[] = [];
  let wake: () => void = () => undefined;
  const close = await feed.subscribe(
    {
      onBlock: (read) => (told.push(read), wake()),
      onEnd: (error) => (ended.push(error), wake()),
    },
    never,
  );
  const until = async (probe: () => boolean): Promise<void> => {
    while (!probe()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { told, ended, close, until };
}

suite("the signed blocks of a node over JSON-RPC", () => {
  let world: FeedWorld;
  let pool: ScriptedPool;
  let blocks: FeedBlock[];
  before(async () => {
    world = await FeedWorld.start();
    pool = await world.pool();
    blocks = await pool.produce(4);
  });
  after(() => world.stop());

  test("come as ranges, in order, as far as they are signed", () =>
    serving(feedMethods(pool.node), async (url) => {
      const feed = remoteFeed(url, maxBlockBytes);
      assert.deepEqual(await feed.range(2n, 2, never), { signed: 4n, blocks: blocks.slice(1, 3) });
      assert.deepEqual(await feed.range(4n, 64, never), { signed: 4n, blocks: blocks.slice(3) });
      assert.deepEqual(await feed.range(5n, 64, never), { signed: 4n, blocks: [] });
      assert.deepEqual(await feed.range(0n, 64, never), { signed: 4n, blocks: [] }, "block 0 was never signed");
      const client = createRpcClient({ url });
      const many = await client.request<{ blocks: unknown[] }>("rollup_signedBlocks", ["0x1", "0xffffffff"]);
      assert.equal(many.blocks.length, 4);
      await assert.rejects(client.request("rollup_signedBlocks", ["0x1"]), { code: "rpc-error" });
      await assert.rejects(client.request("rollup_subscribe", ["signedBlocks"]), /subscribe over WebSocket/);
    }));

  test("and as a subscription, each once, from the moment of subscribing", () =>
    serving(feedMethods(pool.node), async (url) => {
      const feed = remoteFeed(url, maxBlockBytes);
      const first = await subscribed(feed);
      const second = await subscribed(feed);
      const made = await pool.produce(2);
      for (const { told, until } of [first, second]) {
        await until(() => told.length === 2);
        assert.deepEqual(
          told.map((read) => read()),
          made,
        );
      }
      first.close();
      const [next] = await pool.produce(1);
      await second.until(() => second.told.length === 3);
      assert.deepEqual(second.told[2]!(), next);
      assert.equal(first.told.length, 2);
      second.close();
      await assert.rejects(
        remoteFeed(`${url}/nowhere`, maxBlockBytes).subscribe(
          { onBlock: () => undefined, onEnd: () => undefined },
          never,
        ),
        { code: "unreachable" },
      );
    }));

  test("end where a certificate is missing: what L1 alone gave is not told", async () => {
    const second = await world.replica("behind", []);
    await second.adopter.adopt(blocks[0]!);
    await second.chain.setAside({ number: 0n, hash: zeroHash }, 0, 0n);
    await second.adopter.adopt(blocks[1]!);
    await serving(feedMethods(second), async (url) => {
      const feed = remoteFeed(url, maxBlockBytes);
      assert.deepEqual(await feed.range(1n, 64, never), { signed: 2n, blocks: [] });
      assert.deepEqual(await feed.range(2n, 64, never), { signed: 2n, blocks: [blocks[1]] });
    });
  });
});

suite("a feed that is none", () => {
  /** A node whose ranges and notifications are `answer`. */
  const saying = (answer: unknown, body: (feed: FeedSource) => Promise<void>): Promise<void> =>
    serving(
      {
        rollup_signedBlocks: method([param.any, param.any], () => answer),
        rollup_subscribe: method([param.any], (_, { connection }) =>
          connection!.subscribe((send) => (send(answer), () => undefined)),
        ),
      },
      (url) => body(remoteFeed(url, maxBlockBytes)),
    );

  const garbage: readonly unknown[] = [
    null,
    7,
    "0x",
    [],
    {},
    { signed: 1, blocks: [] },
    { signed: "0x1" },
    { signed: "0x1", blocks: "0x" },
    { signed: "0x11111111111111111", blocks: [] },
    { signed: "0x1", blocks: [null] },
    { signed: "0x1", blocks: ["0xc0"] },
    { signed: "0x1", blocks: ["0xzz"] },
    { signed: "0x1", blocks: [`0x${"00".repeat(maxFeedBlockBytes(maxBlockBytes) + 1)}`] },
    { signed: "0x1", blocks: Array.from({ length: maxRangeBlocks + 1 }, () => "0xc0") },
  ];
  for (const answer of garbage)
    test(`is refused as malformed: ${JSON.stringify(answer).slice(0, 60)}`, () =>
      saying(answer, async (feed) => {
        await assert.rejects(feed.range(1n, maxRangeBlocks, never), { code: "malformed", remedy: "reject" });
        const { told, until, close } = await subscribed(feed);
        await until(() => told.length === 1);
        assert.throws(told[0]!, { code: "malformed", remedy: "reject" });
        close();
      }));

  test("is left when it says more than a block can hold", () =>
    saying({ signed: "0x1", blocks: ["0x", "00".repeat(6 * 2 ** 20)] }, async (feed) => {
      await assert.rejects(feed.range(1n, 64, never), { code: "bad-response", message: /longer than/ });
      const { ended, until } = await subscribed(feed);
      await until(() => ended.length === 1);
      assert.match(ended[0]!.message, /max payload/i);
    }));

  test("is left when it is another kind of server", () =>
    serving({}, async (url) => {
      const feed = remoteFeed(url, maxBlockBytes);
      await assert.rejects(feed.range(1n, 1, never), { code: "rpc-error", message: /does not exist/ });
      const listener = { onBlock: () => undefined, onEnd: () => undefined };
      await assert.rejects(feed.subscribe(listener, never), { code: "rpc-error" });
    }));
});

test("the name of a feed shows no secrets of its URL", () => {
  const url: string = "https://user:pass@node.example:8443/key-abc";
  assert.equal(remoteFeed(url, maxBlockBytes).name, "node.example:8443");
});
