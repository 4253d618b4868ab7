import assert from "node:assert/strict";
import { test } from "node:test";
import { store, vault } from "@metis/mvm/testing";
import { addressOf, openChain, transfer, users } from "./chain.fixture.ts";
import { serve } from "./server.fixture.ts";

const [alice, bob] = users as [(typeof users)[0], (typeof users)[0]];
const word = (value: bigint): `0x${string}` => `0x${value.toString(16).padStart(64, "0")}`;

interface Simulated {
  readonly number: string;
  readonly parentHash: string;
  readonly hash: string;
  readonly timestamp: string;
  readonly transactions: unknown[];
  readonly calls: {
    status: string;
    gasUsed: string;
    returnData: string;
    logs: { data: string; topics: string[] }[];
    error?: object;
  }[];
}

test("a simulated block builds on the one before it, and nothing of it stays", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const { hash } = await chain.extend([await transfer(alice, 0)], { anchor: 1n });
  const write = { from: addressOf(alice), to: vault, input: store(1n, 42n) };
  const read = { to: vault, input: word(1n) };
  const [first, second] = await rpc.request<Simulated[]>("eth_simulateV1", [
    { blockStateCalls: [{ calls: [write] }, { calls: [read] }] },
  ]);
  assert.deepEqual(
    [first?.number, first?.parentHash, second?.number, second?.parentHash],
    ["0x2", hash, "0x3", first?.hash],
  );
  assert.deepEqual(
    second?.calls.map(({ status, returnData }) => [status, returnData]),
    [["0x1", word(42n)]],
  );
  assert.equal(await rpc.request("eth_call", [read]), word(0n));
});

test("transfers give logs when asked for, and those of a reverted call do not", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const calls = [
    { from: addressOf(alice), to: addressOf(bob), value: "0x5" },
    { from: addressOf(alice), to: vault, value: "0x7" },
  ];
  // Reverts with nothing.
  const stateOverrides = { [vault]: { code: "0x5f5ffd" } };
  const [block] = await rpc.request<Simulated[]>("eth_simulateV1", [
    { traceTransfers: true, blockStateCalls: [{ stateOverrides, calls }] },
  ]);
  assert.deepEqual(
    block?.calls.map(({ logs }) => logs.map(({ data }) => BigInt(data))),
    [[5n], []],
  );
  assert.deepEqual(block?.calls[1]?.error, { code: 3, message: "execution reverted", data: "0x" });
});

test("with validation the rules of a real block hold, without it calls run free", async (t) => {
  const chain = await openChain(t);
  const { rpc, error } = await serve(t, chain);
  const simulate = (call: object, validation: boolean): [string, unknown[]] => [
    "eth_simulateV1",
    [{ validation, blockStateCalls: [{ calls: [call] }] }],
  ];
  const from = addressOf(alice);
  const paid = { from, to: addressOf(bob), maxFeePerGas: "0x2540be400" };
  assert.equal((await error(...simulate({ ...paid, nonce: "0x5" }, true))).code, -38011);
  assert.equal((await error(...simulate({ from, to: addressOf(bob) }, true))).code, -38012);
  assert.equal((await error(...simulate({ ...paid, gas: "0x1" }, true))).code, -38013);
  assert.equal((await error(...simulate({ from, to: vault, nonce: "0x5" }, true))).code, -38011);
  assert.equal((await error(...simulate({ ...paid, maxPriorityFeePerGas: "0x2540be401" }, true))).code, -32602);
  const last = { [from]: { nonce: "0xffffffffffffffff" } };
  const exhausted = { validation: true, blockStateCalls: [{ stateOverrides: last, calls: [{ from, to: vault }] }] };
  assert.match(
    (await error("eth_simulateV1", [exhausted])).message,
    /^err: nonce has max value: .*: 18446744073709551615/,
  );
  assert.equal((await error(...simulate({ from: vault, to: from, value: "0x1" }, false))).code, -38014);
  const [block] = await rpc.request<Simulated[]>(...simulate({ from, to: addressOf(bob), nonce: "0x5" }, false));
  assert.equal(block?.calls[0]?.status, "0x1");
});

test("a precompile that is overridden does not answer, and is warm as before; what a revert gives back is in its error", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const identity = "0x0000000000000000000000000000000000000004";
  // Answers the call's input by the identity precompile, or reverts with it.
  const ask = "0x365f5f37365f365f5f60045af1503d5f5f3e3d5ff3";
  const calls = [{ to: vault, input: "0x1234" }];
  const code = (bytes: string) => ({ [vault]: { code: bytes } });
  const [usual, empty, reverted] = await rpc.request<Simulated[]>("eth_simulateV1", [
    {
      blockStateCalls: [
        { stateOverrides: code(ask), calls },
        { stateOverrides: { [identity]: { code: "0x00" } }, calls },
        { stateOverrides: code("0x365f5f37365ffd"), calls },
      ],
    },
  ]);
  assert.deepEqual(
    [usual, empty, reverted].map((block) => block?.calls[0]?.returnData),
    ["0x1234", "0x", "0x"],
  );
  // What the two bytes cost the precompile (15 + 3 gas) and their copy (3) is all that is saved.
  assert.equal(Number(usual?.calls[0]?.gasUsed) - Number(empty?.calls[0]?.gasUsed), 21);
  assert.deepEqual(reverted?.calls[0]?.error, { code: 3, message: "execution reverted", data: "0x1234" });
});

test("blocks must rise in number and time, gaps are filled, and there is an end", async (t) => {
  const chain = await openChain(t);
  const { rpc, error } = await serve(t, chain);
  const simulate = (...overrides: object[]): [string, unknown[]] => [
    "eth_simulateV1",
    [{ blockStateCalls: overrides.map((blockOverrides) => ({ blockOverrides })) }],
  ];
  const blocks = await rpc.request<Simulated[]>(...simulate({ number: "0x3" }, {}));
  assert.deepEqual(
    blocks.map(({ number }) => number),
    ["0x1", "0x2", "0x3", "0x4"],
  );
  assert.deepEqual(
    blocks.map(({ timestamp }, index) => Number(timestamp) - Number(blocks[0]?.timestamp) === 12 * index),
    [true, true, true, true],
  );
  assert.equal((await error(...simulate({ number: "0x3" }, { number: "0x3" }))).code, -38020);
  assert.equal((await error(...simulate({ time: "0x1" }))).code, -38021);
  assert.equal((await error(...simulate({ number: "0x101" }))).code, -38026);
  assert.equal((await error("eth_simulateV1", [{ blockStateCalls: [] }])).code, -32602);
});
