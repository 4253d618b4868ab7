import assert from "node:assert/strict";
import { test } from "node:test";
import type { RpcOutcome } from "@metis/runtime";
import fc from "fast-check";
import { addressOf, openChain, transfer, users } from "./chain.fixture.ts";
import { serve } from "./server.fixture.ts";

const [alice] = users as [(typeof users)[0]];
const internalError = -32603;

/** Values that come close to what methods expect, and values that do not. */
const address = fc.constantFrom(
  addressOf(alice),
  `0x${"00".repeat(20)}`,
  "0x4200000000000000000000000000000000000015",
  "0x12",
);
const hash = fc.constantFrom(`0x${"00".repeat(32)}`, `0x${"ff".repeat(32)}`, "0x", `0x${"zz".repeat(32)}`);
const quantity = fc.constantFrom(
  "0x0",
  "0x1",
  "0x2",
  "0xff",
  "0xffffffffffffffff",
  `0x${"f".repeat(64)}`,
  `0x1${"0".repeat(64)}`,
  "0x",
  "0x00",
  "1",
  -1,
);
const tag = fc.constantFrom("latest", "pending", "safe", "finalized", "earliest", "newest", "0x1", "0x99", null);
const bytes = fc.constantFrom("0x", "0x00", "0xfe", "0x600160005260206000f3", "0x0", `0x${"5b".repeat(3000)}`);
const call = fc.record(
  {
    from: address,
    to: fc.oneof(address, fc.constant(null)),
    gas: quantity,
    gasPrice: quantity,
    maxFeePerGas: quantity,
    value: quantity,
    nonce: quantity,
    input: bytes,
    accessList: fc.array(fc.record({ address, storageKeys: fc.array(hash, { maxLength: 2 }) }), { maxLength: 2 }),
    authorizationList: fc.array(
      fc.record({ chainId: quantity, address, nonce: quantity, yParity: quantity, r: quantity, s: quantity }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const overrides = fc.dictionary(
  address,
  fc.record(
    { balance: quantity, nonce: quantity, code: bytes, stateDiff: fc.dictionary(hash, hash, { maxKeys: 2 }) },
    { requiredKeys: [] },
  ),
  { maxKeys: 2 },
);
const blockOverrides = fc.record(
  {
    number: quantity,
    time: quantity,
    gasLimit: quantity,
    coinbase: address,
    baseFeePerGas: quantity,
    prevRandao: hash,
  },
  { requiredKeys: [] },
);
const filter = fc.record(
  {
    fromBlock: tag,
    toBlock: tag,
    address: fc.oneof(address, fc.array(address)),
    topics: fc.array(fc.oneof(hash, fc.array(hash))),
    blockHash: hash,
  },
  { requiredKeys: [] },
);
const argument = fc.oneof(
  address,
  hash,
  quantity,
  tag,
  bytes,
  call,
  overrides,
  blockOverrides,
  filter,
  fc.boolean(),
  fc.array(quantity, { maxLength: 3 }),
  fc.jsonValue(),
);

test("no argument to any method is answered with an internal error, and the server goes on", async (t) => {
  const chain = await openChain(t);
  const { api, rpc } = await serve(t, chain);
  await chain.extend([await transfer(alice, 0)], { anchor: 1n });
  const names = Object.keys(api.methods);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.array(argument, { maxLength: 4 }), async (method, params) => {
      const [outcome] = await rpc.batch([{ method, params }]);
      assertNoBug(outcome, `${method} ${JSON.stringify(params)}`);
    }),
    { numRuns: 800 },
  );
  assert.equal(await rpc.request("eth_blockNumber"), "0x1");
});

/** A refusal is fine; an error of ours, or a kernel that crashed, is not. */
function assertNoBug(outcome: RpcOutcome | undefined, what: string): void {
  assert.ok(outcome, what);
  if (!("error" in outcome)) return;
  const { rpcCode, data } = outcome.error.payload;
  assert.notEqual(rpcCode, internalError, what);
  assert.notEqual((data as { reason?: string } | undefined)?.reason, "kernel-trap", what);
}

/** The arguments that each call-like method has, in their places. */
test("calls with overrides of any kind end in a result or a refusal", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  await chain.extend([], { anchor: 1n });
  const method = fc.constantFrom("eth_call", "eth_estimateGas", "eth_createAccessList");
  await fc.assert(
    fc.asyncProperty(method, call, tag, overrides, blockOverrides, async (name, request, block, state, header) => {
      const params = name === "eth_createAccessList" ? [request, block] : [request, block, state, header];
      const [outcome] = await rpc.batch([{ method: name, params }]);
      assertNoBug(outcome, `${name} ${JSON.stringify(params)}`);
    }),
    { numRuns: 150 },
  );
  assert.equal(await rpc.request("eth_call", [{ to: addressOf(alice) }]), "0x");
});
