import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { DecodeError } from "@metis/protocol";
import { createMetrics, silentLogger } from "@metis/runtime";
import fc from "fast-check";
import { bytesToHex, keccak256 } from "viem";
import type { Address, Hex } from "viem";
import { openChain, transfer, users } from "../rpc/chain.fixture.ts";
import type { TestChain } from "../rpc/chain.fixture.ts";
import { TransactionGossip } from "./gossip.ts";
import { decodeLot, encodeLot, lotsOf, upTo } from "./lots.ts";
import type { MempoolService } from "./mempool.ts";

const [alice, bob] = users as [(typeof users)[0], (typeof users)[0]];
const nameOf = (index: number): Address => `0x${String(index + 1).repeat(40)}`;
type Receiver = (from: Address, message: Uint8Array) => void;

interface Member {
  readonly pool: MempoolService;
  readonly gossip: TransactionGossip;
  /** Bytes that it sent to any one member. */
  sent: number;
  receiver: Receiver | undefined;
  linked: ((member: Address) => void) | undefined;
}

/** Members of real pools over one chain, and a network that the test can cut. */
class Network {
  readonly chain: TestChain;
  readonly members: Member[] = [];
  readonly away = new Set<number>();

  constructor(chain: TestChain) {
    this.chain = chain;
  }

  async join(): Promise<Member> {
    const index = this.members.length;
    const pool = this.chain.mempool();
    await pool.start();
    const member: Member = { pool, gossip: this.#gossip(index, pool), sent: 0, receiver: undefined, linked: undefined };
    this.members.push(member);
    await member.gossip.start();
    return member;
  }

  #gossip(index: number, mempool: MempoolService): TransactionGossip {
    const send = (to: number, message: Uint8Array): void => {
      if (to === index || this.away.has(to) || this.away.has(index)) return;
      this.members[index]!.sent += message.length;
      this.chain.clock.after(1, () => this.members[to]!.receiver?.(nameOf(index), message));
    };
    return new TransactionGossip({
      mesh: {
        broadcast: (message) => this.members.forEach((_, to) => send(to, message)),
        send: (to, message) => send(Number(to[2]) - 1, message),
        receive: (receiver) => {
          this.members[index]!.receiver = receiver;
          return () => (this.members[index]!.receiver = undefined);
        },
      },
      onLink: (listener) => {
        this.members[index]!.linked = listener;
        return () => (this.members[index]!.linked = undefined);
      },
      mempool,
      clock: this.chain.clock,
      logger: silentLogger(),
      metrics: createMetrics(),
    });
  }

  /** The link between two members is new on both sides. */
  link(a: number, b: number): void {
    this.members[a]!.linked?.(nameOf(b));
    this.members[b]!.linked?.(nameOf(a));
  }

  /** Moves the clock, no faster than the one on the wall, until `isSo`; the runner's limit ends what never is. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await this.chain.clock.advance(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    void promise.catch(() => undefined).finally(() => (isSettled = true));
    await this.until(() => isSettled);
    return promise;
  }

  /** Moves the clock until `member` can include exactly these. */
  async has(member: number, hashes: readonly Hex[]): Promise<void> {
    const held = (): readonly Hex[] => [...this.members[member]!.pool.pending()].map(({ hash }) => hash);
    await this.until(() => held().length >= hashes.length);
    assert.deepEqual(held(), hashes);
  }
}

async function network(t: TestContext, count: number): Promise<Network> {
  const net = new Network(await openChain(t));
  for (let index = 0; index < count; index++) await net.join();
  t.after(async () => {
    for (const { gossip, pool } of net.members) {
      await gossip.stop();
      await pool.stop();
    }
  });
  return net;
}

test("what one member takes all have, in the order in which it took them", async (t) => {
  const net = await network(t, 3);
  const raws = [await transfer(bob, 0), ...(await Promise.all([0, 1, 2, 3].map((nonce) => transfer(alice, nonce))))];
  const hashes: Hex[] = [];
  for (const raw of raws) hashes.push(await net.settle(net.members[0]!.gossip.submit(raw)));
  for (const member of [0, 1, 2]) await net.has(member, hashes);
});

test("nonces of one sender given to two members meet, whichever comes first", async (t) => {
  const net = await network(t, 2);
  const later = await net.settle(net.members[0]!.gossip.submit(await transfer(alice, 1)));
  const sooner = await net.settle(net.members[1]!.gossip.submit(await transfer(alice, 0)));
  for (const member of [0, 1]) await net.has(member, [sooner, later]);
});

test("what came from a member is not passed on, and nothing is sent twice in vain", async (t) => {
  const net = await network(t, 3);
  const raw = await transfer(alice, 0);
  const hash = await net.settle(net.members[0]!.gossip.submit(raw));
  for (const member of [1, 2]) await net.has(member, [hash]);
  await net.chain.clock.advance(1_000);
  assert.equal(net.members[0]!.sent, 2 * encodeLot([raw]).length);
  assert.deepEqual([net.members[1]!.sent, net.members[2]!.sent], [0, 0]);
});

test("a member that was away gets what the others took meanwhile as soon as its link is up", async (t) => {
  const net = await network(t, 2);
  net.away.add(1);
  const hash = await net.settle(net.members[0]!.gossip.submit(await transfer(alice, 0)));
  net.away.clear();
  await net.chain.clock.advance(100);
  assert.equal(net.members[1]!.pool.counts().pending, 0);
  net.link(0, 1);
  await net.has(1, [hash]);
});

test("a message that was lost on a link that held is made up for, by anybody when its seat is gone", async (t) => {
  const net = await network(t, 3);
  net.away.add(2);
  const hash = await net.settle(net.members[0]!.gossip.submit(await transfer(alice, 0)));
  await net.has(1, [hash]);
  net.away.clear();
  net.away.add(0);
  await net.chain.clock.advance(15_000);
  await net.has(2, [hash]);
});

test("a refusal reaches the user and nobody else", async (t) => {
  const net = await network(t, 2);
  await net.chain.extend([await transfer(alice, 0)]);
  await net.members[0]!.pool.settled();
  const refused = net.settle(net.members[0]!.gossip.submit(await transfer(alice, 0)));
  await assert.rejects(refused, { code: "nonce-too-low" });
  await net.chain.clock.advance(1_000);
  assert.equal(net.members[0]!.sent, 0);
});

test("noise and bad transactions of a member leave no trace, and good ones after them are taken", async (t) => {
  const net = await network(t, 2);
  const raw = await transfer(alice, 0);
  const receive = (message: Uint8Array): void => net.members[0]!.receiver?.(nameOf(1), message);
  receive(Uint8Array.of(0xc0));
  receive(new Uint8Array(5));
  receive(encodeLot(["0x", "0x7e", `${raw}00`, `0x02${"00".repeat(131_072)}`, raw]));
  await net.has(0, [keccak256(raw)]);
});

test("lots read as they were written, and any other bytes are refused", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const raws = fc.array(
    bytes.map((raw) => bytesToHex(raw)),
    { maxLength: 9 },
  );
  fc.assert(fc.property(raws, (lot) => assert.deepEqual(decodeLot(encodeLot(lot)), lot)));
  fc.assert(
    fc.property(raws, bytes, fc.nat(), (lot, noise, at) => {
      const good = encodeLot(lot);
      for (const other of [noise, good.subarray(0, -1), good.with(at % good.length, at & 255)])
        try {
          assert.deepEqual(encodeLot(decodeLot(other)), other);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
    }),
  );
});

test("lots and reminders are bounded, and keep the order", () => {
  const big: Hex = `0x${"ab".repeat(100_000)}`;
  assert.deepEqual(
    [...lotsOf([big, big, big, "0x01"])].map((lot) => lot.length),
    [2, 2],
  );
  assert.deepEqual([...upTo(100_001, ["0x01", big, "0x02"])], ["0x01", big]);
  assert.deepEqual([...lotsOf([])], []);
});
