import assert from "node:assert/strict";
import { test } from "node:test";
import { store, vault } from "@metis/mvm/testing";
import { keccak256, type Hex } from "viem";
import { addressOf, openChain, transfer, users } from "./chain.fixture.ts";
import { serve } from "./server.fixture.ts";

const [alice] = users as [(typeof users)[0]];
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const unknown = word(77n);

interface Call {
  readonly type: string;
  readonly from: Hex;
  readonly gasUsed: Hex;
}

test("debug_trace* show one transaction, a block by number and by hash, and a call", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const raw = [
    await transfer(alice, 0, { to: vault, data: store(1n, 42n), gas: 100_000n }),
    await transfer(alice, 1, { to: vault, data: word(1n), gas: 100_000n }),
  ];
  const { hash } = await chain.extend(raw);
  const [first, second] = raw.map((bytes) => keccak256(bytes)) as [Hex, Hex];
  const trace = await rpc.request<{ gas: number; returnValue: Hex }>("debug_traceTransaction", [second]);
  assert.equal(trace.returnValue, word(42n));
  const { gasUsed } = await rpc.request<{ gasUsed: Hex }>("eth_getTransactionReceipt", [second]);
  assert.equal(trace.gas, Number(gasUsed));
  const byNumber = await rpc.request<{ txHash: Hex; result: unknown }[]>("debug_traceBlockByNumber", ["latest"]);
  assert.deepEqual(
    byNumber.map(({ txHash }) => txHash),
    [first, second],
  );
  assert.deepEqual(byNumber[1]?.result, trace);
  assert.deepEqual(await rpc.request("debug_traceBlockByHash", [hash]), byNumber);
  const tree = await rpc.request<Call>("debug_traceTransaction", [first, { tracer: "callTracer" }]);
  assert.equal(tree.type, "CALL");
  assert.equal(tree.from, addressOf(alice));
  const call = { from: addressOf(alice), to: vault, data: word(1n) };
  const overrides = { stateOverrides: { [vault]: { stateDiff: { [word(1n)]: word(9n) } } } };
  const called = await rpc.request<{ returnValue: Hex }>("debug_traceCall", [call, "latest", overrides]);
  assert.equal(called.returnValue, word(9n));
  const before = await rpc.request<{ returnValue: Hex }>("debug_traceCall", [call, "0x0"]);
  assert.equal(before.returnValue, word(0n));
  const clock = { blockOverrides: { number: "0x1234" }, stateOverrides: { [vault]: { code: "0x435f52595ff3" } } };
  const dated = await rpc.request<{ returnValue: Hex }>("debug_traceCall", [call, "latest", clock]);
  assert.equal(dated.returnValue, word(0x1234n));
});

interface FlatCall {
  readonly action: Readonly<Record<string, string>>;
  readonly blockHash: Hex | null;
  readonly blockNumber: number;
  readonly error?: string;
  readonly result?: { readonly gasUsed: Hex; readonly output: Hex };
  readonly subtraces: number;
  readonly traceAddress: readonly number[];
  readonly transactionHash: Hex | null;
  readonly transactionPosition: number;
  readonly type: string;
}

test("flatCallTracer lists a transaction's calls with their place in block and tree, in geth's shape", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const raw = [
    await transfer(alice, 0, { to: vault, data: store(1n, 42n), gas: 100_000n }),
    await transfer(alice, 1, { to: vault, data: word(1n), gas: 22_000n }),
  ];
  const { hash } = await chain.extend(raw);
  const hashes = raw.map((bytes) => keccak256(bytes));
  const flat = { tracer: "flatCallTracer" };
  const block = await rpc.request<{ txHash: Hex; result: FlatCall[] }[]>("debug_traceBlockByHash", [hash, flat]);
  for (const [position, { txHash, result }] of block.entries()) {
    assert.equal(txHash, hashes[position]);
    assert.deepEqual(await rpc.request("debug_traceTransaction", [txHash, flat]), result);
    const [top] = result;
    assert.deepEqual([top?.blockHash, top?.blockNumber], [hash, 1]);
    assert.deepEqual([top?.transactionHash, top?.transactionPosition], [txHash, position]);
    assert.deepEqual([top?.traceAddress, top?.subtraces, top?.type], [[], 0, "call"]);
  }
  const [stored, loaded] = block.map(({ result }) => result[0]!);
  assert.deepEqual(stored?.action, {
    callType: "call",
    from: addressOf(alice),
    gas: "0x186a0",
    input: store(1n, 42n),
    to: vault,
    value: "0x0",
  });
  assert.equal(stored?.result?.output, "0x");
  assert.equal(loaded?.error, "out of gas");
  assert.equal(loaded?.result, undefined);
  // Calls precompile 4 and reverts; it stands nowhere, so it has no place.
  const overrides = { stateOverrides: { [vault]: { code: "0x5f5f5f5f5f60045af15f5ffd" } } };
  const call = (tracerConfig: object): Promise<FlatCall[]> =>
    rpc.request("debug_traceCall", [{ to: vault }, "latest", { ...flat, ...overrides, tracerConfig }]);
  const [plain, ...hidden] = await call({});
  assert.deepEqual([plain?.error, plain?.subtraces, hidden], ["execution reverted", 0, []]);
  assert.deepEqual([plain?.blockHash, plain?.transactionHash, plain?.blockNumber], [null, null, 0]);
  const [parity, precompile] = await call({ convertParityErrors: true, includePrecompiles: true });
  assert.deepEqual([parity?.error, parity?.subtraces], ["Reverted", 1]);
  assert.deepEqual(precompile?.traceAddress, [0]);
});

test("what cannot be traced is refused in geth's words, and others are served on", async (t) => {
  const chain = await openChain(t);
  const { rpc, error } = await serve(t, chain);
  await chain.extend([await transfer(alice, 0)]);
  const message = async (method: string, params: readonly unknown[]): Promise<[number | undefined, string]> => {
    const { code, message: text } = await error(method, params);
    return [code, text];
  };
  assert.deepEqual(await message("debug_traceTransaction", [unknown]), [-32_000, "transaction not found"]);
  assert.deepEqual(await message("debug_traceBlockByNumber", ["0x7"]), [-32_000, "block #7 not found"]);
  assert.deepEqual(await message("debug_traceBlockByHash", [unknown]), [-32_000, `block ${unknown} not found`]);
  assert.deepEqual(await message("debug_traceBlockByNumber", ["0x0"]), [-32_000, "genesis is not traceable"]);
  assert.equal((await error("debug_traceBlockByNumber", ["latest", { tracer: "nope" }])).code, -32_602);
  assert.equal((await error("debug_traceBlockByNumber", ["latest", { limit: -1 }])).code, -32_602);
  const both = { tracer: "prestateTracer", tracerConfig: { diffMode: true, includeEmpty: true } };
  assert.equal((await error("debug_traceBlockByNumber", ["latest", both])).code, -32_602);
  // A loop over 512 KiB of memory.
  const overrides = { enableMemory: true, stateOverrides: { [vault]: { code: "0x5f6207ffe0525b600656" } } };
  const refused = error("debug_traceCall", [{ to: vault }, "latest", overrides]);
  assert.equal(await rpc.request("eth_blockNumber", []), "0x1", "while the trace runs");
  const { code, data } = await refused;
  assert.equal(code, -32_005);
  assert.deepEqual(data, { reason: "trace-too-large" });
  assert.equal(await rpc.request("eth_call", [{ to: vault, data: word(1n) }, "latest"]), word(0n));
});
