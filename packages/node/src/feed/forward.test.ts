import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonRpcServer, method, MethodRegistry, param, RpcError } from "@metis/runtime";
import { keccak256 } from "viem";
import type { Hex } from "viem";
import { forwardCalls, forwardTo, forwardWithReceipt } from "./forward.ts";

const raw: Hex = "0x02c0";

/** A sequencer that does with a transaction what the test says. */
async function sequencer(send: (raw: Hex) => Hex) {
  const taken: Hex[] = [];
  const registry = new MethodRegistry().add(
    "eth_sendRawTransaction",
    method([param.data], ([data]) => {
      taken.push(data);
      return send(data);
    }),
  );
  const server = new JsonRpcServer({ registry, options: { "rpc.port": 0 } });
  await server.start();
  return { url: server.url, taken, stop: () => server.stop() };
}

const own: Hex[] = [];
const mempool = {
  add: async (data: Hex) => {
    own.push(data);
    return keccak256(data);
  },
};

test("the next sequencer is tried when one is down, and the one that answered comes first from then on", async () => {
  const [first, second] = await Promise.all([sequencer(keccak256), sequencer(keccak256)]);
  await first.stop();
  const send = forwardTo(forwardCalls([first.url, second.url.replace("http", "ws")]), mempool);
  assert.equal(await send(raw), keccak256(raw));
  assert.deepEqual([second.taken, own.splice(0)], [[raw], [raw]]);
  await second.stop();
  await assert.rejects(send(raw), {
    rpcCode: -32000,
    message: /no sequencer takes the transaction now, try again: .*cannot be reached.*; .*/,
  });
  assert.deepEqual(own, []);
});

test("what a sequencer refuses is refused, in its words, and asked of nobody else", async () => {
  const refusing = await sequencer(() => {
    throw new RpcError(-32000, "nonce too low: next nonce 5, tx nonce 0", { reason: "nonce-too-low" });
  });
  const other = await sequencer(keccak256);
  try {
    await assert.rejects(forwardTo(forwardCalls([refusing.url, other.url]), mempool)(raw), {
      rpcCode: -32000,
      message: "nonce too low: next nonce 5, tx nonce 0",
      payload: { data: { reason: "nonce-too-low" } },
    });
    assert.deepEqual([other.taken, own], [[], []]);
  } finally {
    await Promise.all([refusing.stop(), other.stop()]);
  }
});

test("a transaction that the pool took stays taken when the own mempool refuses it", async () => {
  const taking = await sequencer(keccak256);
  try {
    const refusing = { add: () => Promise.reject(new Error("full")) };
    assert.equal(await forwardTo(forwardCalls([taking.url]), refusing)(raw), keccak256(raw));
  } finally {
    await taking.stop();
  }
});

test("a replica without sequencers says that it takes none", async () => {
  await assert.rejects(forwardTo(forwardCalls([]), mempool)(raw), /takes no transactions/);
});

test("a request for a receipt is passed on, and the transaction shows here even when there is none", async () => {
  const refusal = new RpcError(-32000, "no receipt", { reason: "has-to-wait" });
  const registry = new MethodRegistry().add(
    "rollup_sendRawTransactionWithReceipt",
    method([param.data], ([data]) => {
      if (data !== raw) throw refusal;
      return { transactionHash: keccak256(data) };
    }),
  );
  const server = new JsonRpcServer({ registry, options: { "rpc.port": 0 } });
  await server.start();
  try {
    const send = forwardWithReceipt(forwardCalls([server.url]), mempool);
    assert.deepEqual(await send(raw), { transactionHash: keccak256(raw) });
    await assert.rejects(send("0x02c1"), { message: "no receipt", payload: { data: { reason: "has-to-wait" } } });
    assert.deepEqual(own.splice(0), [raw, "0x02c1"]);
  } finally {
    await server.stop();
  }
});
