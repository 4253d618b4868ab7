import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak256 } from "viem";
import { blockToReplay, executeWitness, type ExecutionWitness } from "@metis/mvm";
import { addressOf, openChain, transfer, users } from "./chain.fixture.ts";
import { serve } from "./server.fixture.ts";

const [alice] = users as [(typeof users)[0]];

test("latest is the signed head: an unsafe block is pending, and its transactions have no receipt yet", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const raw = await transfer(alice, 0);
  const block = await chain.extend([raw], { unsafeOnly: true });
  const number = async (tag: string): Promise<string> =>
    (await rpc.request<{ number: string }>("eth_getBlockByNumber", [tag, false])).number;
  assert.equal(await rpc.request("eth_blockNumber"), "0x0");
  assert.deepEqual([await number("latest"), await number("pending")], ["0x0", "0x1"]);
  assert.equal(await rpc.request("eth_getBlockByNumber", ["0x1", false]), null);
  assert.equal(await rpc.request("eth_getTransactionReceipt", [keccak256(raw)]), null);
  assert.equal(await rpc.request("eth_getTransactionCount", [alice.address, "pending"]), "0x1");
  assert.equal(await rpc.request("eth_getTransactionCount", [alice.address, "latest"]), "0x0");
  chain.heads.move({ signed: { number: block.number, hash: block.hash } });
  assert.equal(await rpc.request("eth_blockNumber"), "0x1");
  assert.notEqual(await rpc.request("eth_getTransactionReceipt", [keccak256(raw)]), null);
});

test("an operator can let latest be the unsafe head", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain, { "eth.latest": "unsafe" });
  await chain.extend([], { unsafeOnly: true });
  assert.equal(await rpc.request("eth_blockNumber"), "0x1");
});

test("safe and finalized are their heads, earliest is the genesis", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const blocks = [await chain.extend(), await chain.extend(), await chain.extend()];
  chain.heads.move({ safe: blocks[1] ?? chain.mvm.head(), finalized: blocks[0] ?? chain.mvm.head() });
  const number = async (tag: string): Promise<string> =>
    (await rpc.request<{ number: string }>("eth_getBlockByNumber", [tag, false])).number;
  assert.deepEqual(
    [await number("earliest"), await number("finalized"), await number("safe"), await number("latest")],
    ["0x0", "0x1", "0x2", "0x3"],
  );
});

test("a block can be named by number, hash, and both forms of EIP-1898", async (t) => {
  const chain = await openChain(t);
  const { rpc, error } = await serve(t, chain);
  const { hash } = await chain.extend([await transfer(alice, 0)]);
  const nonce = (block: unknown): Promise<string> => rpc.request("eth_getTransactionCount", [addressOf(alice), block]);
  for (const block of [
    "0x1",
    hash,
    { blockNumber: "0x1" },
    { blockHash: hash },
    { blockHash: hash, requireCanonical: true },
    "latest",
  ])
    assert.equal(await nonce(block), "0x1", JSON.stringify(block));
  assert.equal(await nonce("0x0"), "0x0");
  const unknown = `0x${"12".repeat(32)}`;
  assert.equal(
    (await error("eth_getBalance", [alice.address, { blockHash: unknown }])).message,
    "header for hash not found",
  );
  assert.equal((await error("eth_getBalance", [alice.address, "0x2"])).message, "header not found");
  for (const wrong of ["newest", "0x01", "1", 1, {}, { blockNumber: "0x1", blockHash: hash }])
    assert.equal((await error("eth_getBalance", [alice.address, wrong])).code, -32602, JSON.stringify(wrong));
});

test("what is not there is null, not an error", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const hash = `0x${"12".repeat(32)}`;
  for (const [method, params] of [
    ["eth_getBlockByNumber", ["0x5", true]],
    ["eth_getBlockByHash", [hash, false]],
    ["eth_getTransactionByHash", [hash]],
    ["eth_getTransactionReceipt", [hash]],
    ["eth_getBlockReceipts", ["0x5"]],
    ["eth_getBlockTransactionCountByNumber", ["0x5"]],
    ["eth_getUncleCountByBlockHash", [hash]],
    ["eth_getTransactionByBlockNumberAndIndex", ["0x0", "0x5"]],
    ["eth_getTransactionByBlockHashAndIndex", [hash, "0x0"]],
  ] as const)
    assert.equal(await rpc.request(method, params), null, method);
});

test("node and raw-bytes methods", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const raw = await transfer(alice, 0);
  const block = await chain.extend([raw]);
  assert.equal(await rpc.request("net_version"), chain.chainId.toString());
  assert.equal(await rpc.request("net_listening"), true);
  assert.equal(await rpc.request("web3_sha3", ["0x00"]), keccak256("0x00"));
  assert.match(await rpc.request("web3_clientVersion"), /^metis\//);
  assert.equal(await rpc.request("eth_syncing"), false);
  assert.deepEqual(await rpc.request("eth_accounts"), []);
  assert.equal(keccak256(await rpc.request("debug_getRawHeader", ["latest"])), block.hash);
  for (const method of ["eth_getRawTransactionByHash", "debug_getRawTransaction"])
    assert.equal(await rpc.request(method, [keccak256(raw)]), raw);
  assert.equal(await rpc.request("eth_getRawTransactionByBlockNumberAndIndex", ["0x1", "0x0"]), raw);
  const { size } = await rpc.request<{ size: string }>("eth_getBlockByNumber", ["0x1", false]);
  const rawBlock = await rpc.request<string>("debug_getRawBlock", ["0x1"]);
  assert.equal((rawBlock.length - 2) / 2, Number(size));
  assert.equal((await rpc.request<string[]>("debug_getRawReceipts", ["0x1"])).length, 1);
});

test("a block executes again from what debug_executionWitness gives, and from nothing else", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  await chain.extend([await transfer(alice, 0)]);
  const block = await chain.extend([await transfer(alice, 1)]);
  const witness = await rpc.request<ExecutionWitness>("debug_executionWitness", ["0x2"]);
  assert.deepEqual(Object.keys(witness).toSorted(), ["anchorHeader", "codes", "headers", "keys", "state"]);
  assert.deepEqual(await rpc.request("debug_executionWitness", [block.hash]), witness);
  const replay = blockToReplay((await chain.mvm.reader.block(2n))!);
  const config = { chainConfig: chain.mvm.config };
  const { hash, outputRoot } = await executeWitness(config, replay, block.parentHash, witness);
  assert.deepEqual({ hash, outputRoot }, { hash: block.hash, outputRoot: block.outputRoot });
});

test("txpool shows what waits, by sender and nonce", async (t) => {
  const chain = await openChain(t);
  const { rpc, pool } = await serve(t, chain);
  await pool.add(await transfer(alice, 0));
  await pool.add(await transfer(alice, 2));
  assert.deepEqual(await rpc.request("txpool_status"), { pending: "0x1", queued: "0x1" });
  const { pending, queued } =
    await rpc.request<Record<string, Record<string, Record<string, { from: string }>>>>("txpool_content");
  assert.equal(pending?.[alice.address]?.["0"]?.from, addressOf(alice));
  assert.deepEqual(Object.keys(queued?.[alice.address] ?? {}), ["2"]);
  assert.match(JSON.stringify(await rpc.request("txpool_inspect")), /0 wei \+ 30000 gas/);
});
