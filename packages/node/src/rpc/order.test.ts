import assert from "node:assert/strict";
import { test } from "node:test";
import { chainId, nextContext, vault } from "@metis/mvm/testing";
import type { RpcClient } from "@metis/runtime";
import type { Hex } from "viem";
import { addressOf, openChain, users } from "./chain.fixture.ts";
import { serve } from "./server.fixture.ts";

const [alice] = users as [(typeof users)[0]];

/** Checks a P-256 signature (calldata, or the code's end) again and again until its gas is gone: the dearest work there is for its gas. */
const loop = "5b5f5f60a05f6101005afa50600556";
const signature = [
  "00".repeat(32),
  `${"00".repeat(31)}01`.repeat(2),
  "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
].join("");
const calledLoop: Hex = `0x60a05f5f37${loop}`;
/** As init code, which has no calldata: six bytes that copy what stands behind the loop. */
const createdLoop: Hex = `0x60a060155f39${loop.replace("600556", "600656")}${signature}`;

/** Some of what the database answers by itself. */
async function read(rpc: RpcClient): Promise<void> {
  await rpc.request("eth_blockNumber", []);
  await rpc.request("eth_getBalance", [addressOf(alice), "latest"]);
  await rpc.request("eth_getBlockByNumber", ["latest", true]);
}

test("reads are answered while a long call runs: it does not hold up the event loop", async (t) => {
  const chain = await openChain(t);
  const { rpc, error } = await serve(t, chain);
  const order: string[] = [];
  const overrides = { [vault]: { code: calledLoop } };
  const call = error("eth_call", [{ to: vault, data: `0x${signature}`, gas: "0x7a1200" }, "latest", overrides]).then(
    ({ message }) => order.push(message),
  );
  for (let i = 0; i < 3; i++) await read(rpc);
  order.push("reads");
  await call;
  assert.deepEqual(order, ["reads", "out of gas"]);
});

test("reads are answered while a block is executed", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const raw = await alice.signTransaction({
    type: "eip1559",
    chainId: Number(chainId),
    nonce: 0,
    data: createdLoop,
    gas: 8_000_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 0n,
  });
  const order: string[] = [];
  const execution = chain.mvm.execute(nextContext(chain.mvm.head(), { transactions: [raw] })).then((block) => {
    order.push(`block of ${block.gasUsed} gas`);
    return block;
  });
  for (let i = 0; i < 3; i++) await read(rpc);
  order.push("reads");
  const { skipped } = await execution;
  assert.deepEqual(skipped, []);
  assert.deepEqual(order, ["reads", "block of 8000000 gas"]);
});
