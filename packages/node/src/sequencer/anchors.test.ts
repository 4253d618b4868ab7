import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@metis/runtime";
import fc from "fast-check";
import { zeroAddress } from "viem";
import { L1Client } from "../l1/client.ts";
import { DepositReader } from "../l1/deposits.ts";
import { ScriptedL1 } from "../l1/testing/scriptedL1.ts";
import type { L1Event } from "../l1/watcher.ts";
import { EpochSetError } from "../pool/epochSets.ts";
import { AnchorSource, furthestAnchor } from "./anchors.ts";
import type { AnchorChoice } from "./anchors.ts";

const config = { maxAnchorStep: 4, depositGasLimit: 100n };
const headers = Array.from({ length: 10 }, (_, index) => ({ number: BigInt(index + 1) }));
const deposit = (l1BlockNumber: bigint, gasLimit: bigint) => ({ l1BlockNumber, gasLimit });

test("an anchor moves at most maxAnchorStep blocks, and not at all when none is usable", () => {
  assert.equal(furthestAnchor(config, headers, []), 3);
  assert.equal(furthestAnchor(config, headers.slice(0, 2), []), 1);
  assert.equal(furthestAnchor(config, [], []), -1);
});

test("it stops before the L1 block whose deposits no longer fit", () => {
  assert.equal(furthestAnchor(config, headers, [deposit(1n, 60n), deposit(3n, 50n)]), 1);
});

test("the deposits of the first L1 block always fit", () => {
  assert.equal(furthestAnchor(config, headers, [deposit(1n, 500n)]), 0);
});

test("what it takes is within the bounds, and one block more would not be", () => {
  const deposits = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 80 })), { maxLength: 12 })
    .map((list) => list.toSorted((a, b) => a[0] - b[0]).map(([number, gas]) => deposit(BigInt(number), BigInt(gas))));
  fc.assert(
    fc.property(deposits, (queue) => {
      const gasUpTo = (position: number): bigint =>
        queue
          .filter((entry) => entry.l1BlockNumber <= headers[position]!.number)
          .reduce((sum, d) => sum + d.gasLimit, 0n);
      const position = furthestAnchor(config, headers, queue);
      assert.ok(position >= 0 && position < config.maxAnchorStep);
      if (position > 0) assert.ok(gasUpTo(position) <= config.depositGasLimit);
      if (position < config.maxAnchorStep - 1) assert.ok(gasUpTo(position + 1) > config.depositGasLimit);
    }),
  );
});

/** Everything that is not waiting for anybody has happened. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A source over an L1 of three blocks, whose first is the parent's anchor; the test says what the watcher sees, and when. */
function newSource(prepare?: (anchor: bigint) => Promise<unknown>) {
  const l1 = new ScriptedL1();
  l1.mine(2);
  const client = new L1Client(l1, silentLogger());
  let usable = 0n;
  let tell: (event: L1Event) => void = () => undefined;
  const watcher = {
    usableAnchor: () => usable,
    subscribe: (listener: (event: L1Event) => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  const source = new AnchorSource(client, new DepositReader(client, zeroAddress), watcher, config, prepare);
  let told = 0;
  source.subscribe(() => (told += 1));
  return {
    l1,
    source,
    told: () => told,
    /** The watcher sees blocks up to `number`. */
    see: (number: bigint, event: Partial<L1Event> = {}): void => {
      usable = number;
      tell({ kind: "advanced", ...event } as L1Event);
    },
  };
}

const pick = ({ header, behind }: AnchorChoice): [bigint, boolean] => [header.number, behind];

const parentOf = async (l1: ScriptedL1) => ({
  number: 0n,
  hash: (await l1.request<{ hash: string }>("eth_getBlockByNumber", ["0x0"])).hash,
});

test("no block waits for L1 to show a newer anchor: it stays where it is until that is here, and then is told", async () => {
  const { l1, source, see, told } = newSource();
  const parent = await parentOf(l1);
  assert.equal((await source.choose(parent)).header.number, 0n);
  const silence = Promise.withResolvers<void>();
  l1.silence = silence.promise;
  see(2n);
  assert.equal((await source.choose(parent)).header.number, 0n);
  assert.equal(told(), 0);
  silence.resolve();
  await settled();
  assert.ok(told() > 0);
  const calls = l1.calls.length;
  assert.equal((await source.choose(parent)).header.number, 2n);
  assert.equal((await source.at(parent, 1n))?.header.number, 1n);
  assert.equal(l1.calls.length, calls, "what is here is not asked for again");
});

test("where L1 does not answer, a block stands on its parent's anchor, however far L1 was seen to be", async () => {
  const { l1, source, see } = newSource();
  l1.mine(8);
  const parent = await parentOf(l1);
  await source.choose(parent);
  l1.down = true;
  see(9n);
  await settled();
  assert.deepEqual(pick(await source.choose(parent)), [0n, true]);
});

test("an anchor counts only once everything that its block needs of L1 is here", async () => {
  const sets = Promise.withResolvers<void>();
  const { l1, source, see } = newSource(() => sets.promise);
  const parent = await parentOf(l1);
  await source.choose(parent);
  see(2n);
  await settled();
  assert.equal((await source.choose(parent)).header.number, 0n);
  sets.resolve();
  await settled();
  assert.equal((await source.choose(parent)).header.number, 2n);
});

test("a set that L1 does not show yet keeps a proposer on its parent's anchor, right from the start", async () => {
  const unknown = new EpochSetError("set-unknown", "retry", "not reached", { epoch: 2n });
  const { l1, source, see } = newSource(() => Promise.reject(unknown));
  see(2n);
  assert.equal((await source.choose(await parentOf(l1))).header.number, 0n);
});

test("who votes waits for the anchor of the proposal, and gets none that lies too far or is not deep enough", async () => {
  const { l1, source, see } = newSource();
  l1.mine(8);
  const parent = await parentOf(l1);
  see(4n);
  assert.equal((await source.at(parent, 4n))?.header.number, 4n);
  assert.equal(await source.at(parent, 5n), undefined);
  see(9n);
  assert.equal(await source.at(parent, 5n), undefined, "one block moves at most maxAnchorStep");
});

test("far behind L1 a proposer moves as far as one block may, and says that there are more", async () => {
  const { l1, source, see } = newSource();
  l1.mine(8);
  let { number, hash }: { number: bigint; hash: string } = await parentOf(l1);
  await source.choose({ number, hash });
  see(9n);
  assert.deepEqual(pick(await source.choose({ number, hash })), [0n, true]);
  await settled();
  const moved: [bigint, boolean][] = [];
  for (let block = 0; block < 3; block++) {
    const choice = await source.choose({ number, hash });
    ({ number, hash } = choice.header);
    await settled();
    moved.push(pick(choice));
  }
  assert.deepEqual(moved, [
    [4n, true],
    [8n, true],
    [9n, false],
  ]);
});

test("blocks that L1 replaced are no anchors, though their read was under way", async () => {
  const { l1, source, see, told } = newSource();
  const parent = await parentOf(l1);
  await source.choose(parent);
  const silence = Promise.withResolvers<void>();
  l1.silence = silence.promise;
  see(2n);
  l1.reorg(2);
  const ancestor = { number: 0n, hash: parent.hash } as never;
  see(2n, { kind: "reorged", ancestor });
  silence.resolve();
  await settled();
  assert.ok(told() > 0);
  const { header } = await source.choose(parent);
  assert.deepEqual(
    [header.number, header.hash],
    [2n, (await l1.request<{ hash: string }>("eth_getBlockByNumber", ["0x2"])).hash],
  );
});
