import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { getContractAddress, type Hex } from "viem";
import { addressOf, openChain, transfer, users, type TestChain } from "./chain.fixture.ts";
import { serve } from "./server.fixture.ts";

const [alice, bob] = users as [(typeof users)[0], (typeof users)[0]];
const word = (value: number): Hex => `0x${value.toString(16).padStart(64, "0")}`;

/** Deploys a contract that logs the first two words of its input as topics. */
const loggerCode: Hex = "0x600c600c600039600c6000f3602035600035600060 00a200".replace(" ", "") as Hex;

interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
  readonly transactionHash: Hex;
  readonly removed: boolean;
}

/** A chain with two logging contracts. */
async function loggingChain(t: TestContext): Promise<{
  chain: TestChain;
  contracts: [Hex, Hex];
  emit: (what: readonly [number, number, number][]) => Promise<Hex[]>;
}> {
  const chain = await openChain(t);
  const create = (nonce: number): Promise<Hex> =>
    alice.signTransaction({
      type: "eip1559",
      chainId: Number(chain.chainId),
      nonce,
      data: loggerCode,
      gas: 200_000n,
      maxFeePerGas: 10n ** 10n,
    });
  await chain.extend([await create(0), await create(1)]);
  const contracts = [0n, 1n].map(
    (nonce) => getContractAddress({ from: addressOf(alice), nonce }).toLowerCase() as Hex,
  ) as [Hex, Hex];
  let nonce = 0;
  const emit = (what: readonly [number, number, number][]): Promise<Hex[]> =>
    Promise.all(
      what.map(([contract, first, second]) =>
        transfer(bob, nonce++, {
          to: contracts[contract] ?? "0x",
          data: `${word(first)}${word(second).slice(2)}`,
          gas: 60_000n,
        }),
      ),
    );
  return { chain, contracts, emit };
}

test("a search finds exactly the logs that match, whatever is asked", async (t) => {
  const { chain, contracts, emit } = await loggingChain(t);
  const { rpc } = await serve(t, chain);
  const all: { block: number; contract: number; topics: number[]; index: number }[] = [];
  for (let block = 2; block < 12; block++) {
    const what = Array.from(
      { length: block % 4 },
      (_, i) => [(block + i) % 2, (block * i) % 3, i] as [number, number, number],
    );
    await chain.extend(await emit(what));
    what.forEach(([contract, first, second], index) => all.push({ block, contract, topics: [first, second], index }));
  }
  const topic = fc.oneof(fc.constant(null), fc.nat(3), fc.array(fc.nat(3), { maxLength: 3 }));
  const query = fc.record({
    from: fc.integer({ min: 0, max: 11 }),
    to: fc.integer({ min: 0, max: 11 }),
    contracts: fc.subarray([0, 1]),
    topics: fc.array(topic, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(query, async ({ from, to, contracts: wanted, topics }) => {
      const [low, high] = from <= to ? [from, to] : [to, from];
      const fits = (value: number | undefined, place: null | number | number[]): boolean => {
        if (value === undefined) return false;
        if (place === null || (Array.isArray(place) && place.length === 0)) return true;
        return [place].flat().includes(value);
      };
      const expected = all.filter(
        (log) =>
          log.block >= low &&
          log.block <= high &&
          (wanted.length === 0 || wanted.includes(log.contract)) &&
          topics.every((place, i) => fits(log.topics[i], place)),
      );
      const asWords = (place: null | number | number[]): unknown =>
        place === null ? null : Array.isArray(place) ? place.map(word) : word(place);
      const found = await rpc.request<Log[]>("eth_getLogs", [
        {
          fromBlock: `0x${low.toString(16)}`,
          toBlock: `0x${high.toString(16)}`,
          address: wanted.map((contract) => contracts[contract]),
          topics: topics.map(asWords),
        },
      ]);
      assert.deepEqual(
        found.map(({ blockNumber, logIndex, topics: got }) => [Number(blockNumber), Number(logIndex), got.map(Number)]),
        expected.map(({ block, index, topics: got }) => [block, index, got]),
      );
    }),
    { numRuns: 60 },
  );
});

test("queries that are too long or wrong are refused with what to do", async (t) => {
  const { chain, emit } = await loggingChain(t);
  const { rpc, error } = await serve(t, chain, { "eth.maxLogBlocks": 2, "eth.maxLogs": 1 });
  for (let i = 0; i < 3; i++)
    await chain.extend(
      await emit([
        [0, i, i],
        [1, i, i],
      ]),
    );
  assert.equal((await error("eth_getLogs", [{ fromBlock: "0x0" }])).code, -32005);
  assert.match((await error("eth_getLogs", [{ fromBlock: "0x4" }])).message, /more than 1 logs/);
  assert.match(
    (await error("eth_getLogs", [{ fromBlock: "0x3", toBlock: "0x2" }])).message,
    /invalid block range params/,
  );
  assert.match((await error("eth_getLogs", [{ toBlock: "0x99" }])).message, /beyond current head/);
  assert.equal((await error("eth_getLogs", [{ blockHash: word(5) }])).message, "unknown block");
  for (const wrong of [
    { topics: "x" },
    { topics: Array(5).fill(null) },
    { address: "0x" },
    { blockHash: word(1), toBlock: "latest" },
    5,
  ])
    assert.equal((await error("eth_getLogs", [wrong])).code, -32602, JSON.stringify(wrong));
  assert.deepEqual(await rpc.request("eth_getLogs", [{ fromBlock: "0x0", toBlock: "0x0" }]), []);
});

test("filters give what came since they were last asked", async (t) => {
  const { chain, contracts, emit } = await loggingChain(t);
  const { rpc, error, api, pool } = await serve(t, chain, { "eth.filterMinutes": 5, "eth.maxFilters": 3 });
  const blocks = await rpc.request<string>("eth_newBlockFilter");
  const logs = await rpc.request<string>("eth_newFilter", [{ address: contracts[0], fromBlock: "0x0" }]);
  const pending = await rpc.request<string>("eth_newPendingTransactionFilter");
  assert.equal((await error("eth_newBlockFilter", [])).code, -32005);
  const changes = (id: string): Promise<unknown[]> => rpc.request("eth_getFilterChanges", [id]);
  const [mine, other] = (await emit([
    [0, 1, 2],
    [1, 1, 2],
  ])) as [Hex, Hex];
  const sent = await pool.add(mine);
  const { hash } = await chain.extend([mine, other]);
  await api.feed.settled();
  assert.deepEqual(await changes(blocks), [hash]);
  assert.deepEqual(await changes(blocks), []);
  assert.deepEqual(
    ((await changes(logs)) as Log[]).map(({ topics, removed }) => [topics.map(Number), removed]),
    [[[1, 2], false]],
  );
  assert.equal((await rpc.request<Log[]>("eth_getFilterLogs", [logs])).length, 1);
  assert.deepEqual(await changes(pending), [sent]);
  assert.equal(await rpc.request("eth_uninstallFilter", [blocks]), true);
  assert.equal(await rpc.request("eth_uninstallFilter", [blocks]), false);
  await chain.clock.advance(4 * 60_000);
  // The machine's clock is set: nobody asked later for that.
  chain.clock.jump(60 * 60_000);
  await changes(logs);
  chain.clock.jump(-120 * 60_000);
  await chain.clock.advance(4 * 60_000);
  await changes(logs);
  assert.equal((await error("eth_getFilterChanges", [pending])).message, "filter not found");
});

test("a reorganisation is told: logs taken back as removed, then the new ones", async (t) => {
  const { chain, emit } = await loggingChain(t);
  const { rpc, api } = await serve(t, chain);
  const filter = await rpc.request<string>("eth_newFilter", [{}]);
  const blocks = await rpc.request<string>("eth_newBlockFilter");
  const [first, second] = (await emit([
    [0, 1, 1],
    [0, 2, 2],
  ])) as [Hex, Hex];
  const old = [await chain.extend([first]), await chain.extend([second])];
  await api.feed.settled();
  await chain.rewind(1n);
  await api.feed.settled();
  const fresh = await chain.extend([first, second]);
  await api.feed.settled();
  assert.deepEqual(
    await rpc.request("eth_getFilterChanges", [blocks]),
    [...old, fresh].map(({ hash }) => hash),
  );
  const told = await rpc.request<Log[]>("eth_getFilterChanges", [filter]);
  assert.deepEqual(
    told.map(({ blockNumber, topics, removed }) => [Number(blockNumber), Number(topics[0]), removed]),
    [
      [2, 1, false],
      [3, 2, false],
      [3, 2, true],
      [2, 1, true],
      [2, 1, false],
      [2, 2, false],
    ],
  );
});

test("subscriptions over WebSocket: heads, logs, pending transactions", async (t) => {
  const { chain, contracts, emit } = await loggingChain(t);
  const { url, pool } = await serve(t, chain);
  const socket = new WebSocket(url.replace("http", "ws"));
  await once(socket, "open");
  const notes: { kind: string; result: unknown }[] = [];
  const kinds = new Map<string, string>();
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let answers = 0;
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as {
      id?: string;
      result?: string;
      params?: { subscription: string; result: unknown };
    };
    if (message.id !== undefined) kinds.set(message.result ?? "", message.id);
    if (message.params)
      notes.push({ kind: kinds.get(message.params.subscription) ?? "", result: message.params.result });
    answers++;
    for (const { count, resolve } of waiting) if (answers >= count) resolve();
  });
  const received = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (answers >= count) resolve();
      else waiting.push({ count, resolve });
    });
  const subscribe = (...params: unknown[]): void =>
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: params[0], method: "eth_subscribe", params }));
  subscribe("newHeads");
  subscribe("logs", { address: contracts[1] });
  subscribe("newPendingTransactions");
  await received(3);
  const raws = await emit([
    [0, 1, 1],
    [1, 5, 6],
  ]);
  const hash = await pool.add(raws[0] ?? "0x");
  const block = await chain.extend(raws);
  await received(6);
  const only = (kind: string): unknown[] => notes.filter((note) => note.kind === kind).map(({ result }) => result);
  assert.deepEqual(only("newPendingTransactions"), [hash]);
  assert.deepEqual(
    (only("newHeads") as { hash: string; number: string }[]).map((head) => [head.hash, head.number]),
    [[block.hash, "0x2"]],
  );
  assert.deepEqual(
    (only("logs") as Log[]).map(({ topics }) => topics.map(Number)),
    [[5, 6]],
  );
  socket.close();
  await once(socket, "close");
});

test("over HTTP a subscription is refused and says how", async (t) => {
  const chain = await openChain(t);
  const { error } = await serve(t, chain);
  assert.match((await error("eth_subscribe", ["newHeads"])).message, /subscribe over WebSocket/);
});
