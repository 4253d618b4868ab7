import assert from "node:assert/strict";
import { test } from "node:test";
import { createSet } from "@metis/committee";
import type { SetMember } from "@metis/protocol";
import { emergencyHandoverAbi, lockingPoolAbi } from "@metis/protocol/contracts";
import { MemoryStore, silentLogger } from "@metis/runtime";
import { encodeAbiParameters, encodeEventTopics, getAbiItem, padHex, zeroAddress, zeroHash } from "viem";
import type { Address } from "viem";
import type { L1Log, L1LogFilter } from "../l1/client.ts";
import type { L1BlockRef } from "../l1/header.ts";
import type { L1Event } from "../l1/watcher.ts";
import { EpochSetError } from "./epochSets.ts";
import { L1EpochSets } from "./l1EpochSets.ts";

const members = (...seats: readonly number[]): readonly SetMember[] =>
  seats.map((seat) => ({ signer: padHex(`0x${seat.toString(16)}`, { size: 20 }), weight: 10n }));
const emergencyHandover: Address = "0x00000000000000000000000000000000000000e0";
const blockRef = (number: bigint): L1BlockRef => ({ number, hash: zeroHash, parentHash: zeroHash, timestamp: number });

/** An L1 of which only the frozen sets are seen. The chain begins at block 100, an epoch has 10 blocks. */
function world(store = new MemoryStore()) {
  const logs: L1Log[] = [];
  const listeners: ((event: L1Event) => void)[] = [];
  const queries: L1LogFilter[] = [];
  const view = { head: blockRef(100n), safe: undefined, finalized: undefined as L1BlockRef | undefined };
  const sets = new L1EpochSets({
    config: { genesisAnchorNumber: 100n, epochLength: 10 },
    lockingPool: zeroAddress,
    emergencyHandover,
    generation: () => 0,
    initial: members(1, 2, 3),
    l1: {
      logs: async (filter) => {
        queries.push(filter);
        return logs.filter(({ blockNumber }) => blockNumber >= filter.from && blockNumber <= filter.to);
      },
    },
    watcher: {
      view,
      subscribe: (listener) => {
        listeners.push(listener);
        return () => undefined;
      },
    },
    store,
    servedSince: () => 0n,
    logger: silentLogger(),
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    sets,
    queries,
    view,
    freeze: (blockNumber: bigint, epoch: bigint, set: readonly SetMember[], hash = createSet(set).hash): void => {
      const topics = encodeEventTopics({
        abi: lockingPoolAbi,
        eventName: "EpochFrozen",
        args: { epoch, setHash: hash },
      });
      const components = [
        { name: "signer", type: "address" },
        { name: "weight", type: "uint96" },
      ] as const;
      const parameters = [{ type: "uint256" }, { type: "tuple[]", components }] as const;
      const data = encodeAbiParameters(parameters, [10n * BigInt(set.length), set]);
      const place = { blockNumber, blockHash: zeroHash, transactionHash: zeroHash, logIndex: 0 };
      logs.push({ address: zeroAddress, topics: topics as L1Log["topics"], data, ...place });
    },
    handOver: (blockNumber: bigint, generation: number, epoch: bigint, set: readonly SetMember[]): void => {
      const { hash } = createSet(set);
      const topics = encodeEventTopics({
        abi: emergencyHandoverAbi,
        eventName: "HandedOver",
        args: { generation, epoch },
      });
      const inputs = getAbiItem({ abi: emergencyHandoverAbi, name: "HandedOver" }).inputs.slice(2);
      const data = encodeAbiParameters(inputs, [hash, 10n * BigInt(set.length), set, 7n, zeroHash]);
      const place = { blockNumber, blockHash: zeroHash, transactionHash: zeroHash, logIndex: 0 };
      logs.push({ address: emergencyHandover, topics: topics as L1Log["topics"], data, ...place });
    },
    head: async (number: bigint): Promise<void> => {
      Object.assign(view, { head: blockRef(number) });
      for (const listener of listeners) listener({ kind: "advanced", view });
      await turn();
    },
    reorg: async (ancestor: bigint, number: bigint): Promise<void> => {
      logs.splice(0, logs.length, ...logs.filter((log) => log.blockNumber <= ancestor));
      Object.assign(view, { head: blockRef(number) });
      for (const listener of listeners) listener({ kind: "reorged", view, ancestor: blockRef(ancestor), depth: 1n });
      await turn();
    },
  };
}

const hashOf = async (sets: L1EpochSets, epoch: bigint): Promise<string> => (await sets.of(epoch)).hash;
const expected = (...seats: readonly number[]): string => createSet(members(...seats)).hash;

test("a set holds from its epoch until the next one frozen; the first two epochs have the initial one", async () => {
  const { sets, freeze, head } = world();
  freeze(111n, 2n, members(1, 2, 4));
  freeze(131n, 4n, members(5, 6, 7));
  await head(150n);
  assert.deepEqual(
    await Promise.all([0n, 1n, 2n, 3n, 4n, 5n].map((epoch) => hashOf(sets, epoch))),
    [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 4],
      [1, 2, 4],
      [5, 6, 7],
      [5, 6, 7],
    ].map((seats) => expected(...seats)),
  );
});

test("an epoch that L1 has not reached has no set yet, whatever is frozen for it", async () => {
  const { sets, freeze, head } = world();
  freeze(111n, 2n, members(1, 2, 4));
  await head(118n);
  await assert.rejects(sets.of(2n), (error) => error instanceof EpochSetError && error.remedy === "retry");
  await head(119n);
  assert.equal(await hashOf(sets, 2n), expected(1, 2, 4));
});

test("a set frozen when its epoch had begun holds from the next one on", async () => {
  const { sets, freeze, head } = world();
  freeze(120n, 2n, members(1, 2, 4));
  await head(150n);
  assert.equal(await hashOf(sets, 2n), expected(1, 2, 3));
  assert.equal(await hashOf(sets, 3n), expected(1, 2, 4));
});

test("the mesh holds the current, the previous and every frozen set to come", async () => {
  const { sets, freeze, head } = world();
  freeze(111n, 2n, members(4));
  freeze(121n, 3n, members(5));
  const known = (): readonly boolean[] => [1, 4, 5].map((seat) => sets.isMember(members(seat)[0]!.signer));
  assert.deepEqual(known(), [true, false, false]);
  await head(112n);
  assert.deepEqual(known(), [true, true, false]);
  await head(122n);
  assert.deepEqual(known(), [true, true, true]);
});

test("a freeze that L1 takes back is forgotten", async () => {
  const { sets, freeze, head, reorg } = world();
  freeze(115n, 2n, members(4));
  await head(116n);
  assert.ok(sets.isMember(members(4)[0]!.signer));
  await reorg(114n, 130n);
  assert.ok(!sets.isMember(members(4)[0]!.signer));
  assert.equal(await hashOf(sets, 2n), expected(1, 2, 3));
});

test("what is final is not read again after a restart", async () => {
  const store = new MemoryStore();
  const first = world(store);
  first.freeze(111n, 2n, members(4));
  first.view.finalized = blockRef(125n);
  await first.head(130n);
  const second = world(store);
  await second.head(130n);
  assert.equal(second.queries[0]!.from, 126n);
  assert.equal(await hashOf(second.sets, 2n), expected(4));
});

test("members that do not hash to what L1 froze are refused", async () => {
  const { sets, freeze, view } = world();
  freeze(111n, 2n, members(4), zeroHash);
  view.head = blockRef(130n);
  await assert.rejects(sets.of(2n), (error) => error instanceof EpochSetError && error.remedy === "halt");
});

test("a handover's set holds at once for its generation and those after it, and the old one for those before", async () => {
  const { sets, handOver, head } = world();
  handOver(105n, 1, 0n, members(1, 2));
  await head(108n);
  assert.equal((await sets.of(0n, 0)).hash, expected(1, 2, 3));
  assert.equal((await sets.of(0n, 1)).hash, expected(1, 2));
  assert.equal((await sets.of(7n, 2)).hash, expected(1, 2));
  assert.deepEqual((await sets.handovers()).at(-1)?.pin, { number: 7n, hash: zeroHash });
});

test("a set frozen after a handover takes over in its epoch, one frozen before does not", async () => {
  const { sets, handOver, freeze, head } = world();
  freeze(104n, 2n, members(1, 2, 3, 4));
  handOver(106n, 1, 0n, members(1, 2));
  freeze(123n, 4n, members(1, 2, 5));
  await head(141n);
  assert.equal((await sets.of(3n, 1)).hash, expected(1, 2));
  assert.equal((await sets.of(4n, 1)).hash, expected(1, 2, 5));
  assert.equal((await sets.of(3n, 0)).hash, expected(1, 2, 3, 4));
});

test("a handover that L1 takes back is forgotten, and one that is new is read when its generation is asked for", async () => {
  const { sets, handOver, view, head, reorg } = world();
  await head(102n);
  handOver(105n, 1, 0n, members(1, 2));
  Object.assign(view, { head: blockRef(107n) });
  assert.equal((await sets.of(0n, 1)).hash, expected(1, 2));
  await reorg(104n, 108n);
  assert.equal((await sets.of(0n, 1)).hash, expected(1, 2, 3));
});
