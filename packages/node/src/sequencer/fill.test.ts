import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { decodeTransaction, type Hash, type SignedTransaction } from "@metis/protocol";
import { transactionSize } from "@metis/rollup";
import { ManualClock } from "@metis/runtime";
import { chainId, nextContext } from "@metis/mvm/testing";
import { hexToBytes, keccak256, type Hex } from "viem";
import type { PooledTransaction } from "../mempool/api.ts";
import { addressOf, openChain, transfer, users } from "../rpc/chain.fixture.ts";
import { fillBlock, type FillOptions } from "./fill.ts";

const [alice, bob, carol] = users as [(typeof users)[0], (typeof users)[0], (typeof users)[0]];
/** A creation whose init code loops until its gas is gone. */
const burn = (nonce: number): Promise<Hex> =>
  alice.signTransaction({
    type: "eip1559",
    chainId: Number(chainId),
    nonce,
    data: "0x5b5f56",
    gas: 16_000_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 10n ** 6n,
  });

interface Filled {
  readonly transactions: readonly Hex[];
  readonly dropped: readonly (readonly [hash: Hash, reason: string])[];
}

/** Fills a block of a chain where the users have funds. */
async function fill(
  t: TestContext,
  candidates: readonly (readonly [user: (typeof users)[0], raw: Hex])[],
  options: Partial<FillOptions> = {},
): Promise<Filled> {
  const chain = await openChain(t);
  const dropped: [Hash, string][] = [];
  const pooled = candidates.map(([user, raw], arrival): PooledTransaction => ({
    hash: keccak256(raw),
    raw,
    sender: addressOf(user),
    transaction: decodeTransaction(hexToBytes(raw)) as SignedTransaction,
    size: (raw.length - 2) / 2,
    arrival,
    addedAt: 0,
    cost: 0n,
  }));
  const builder = await chain.mvm.open(nextContext(chain.mvm.head()));
  const { transactions } = await fillBlock(builder, pooled, {
    room: 1_000_000,
    chainId: chain.chainId,
    clock: new ManualClock(),
    maxBuildMs: 1000,
    drop: (hash, reason) => void dropped.push([hash, reason]),
    ...options,
  });
  const sealed = await builder.seal();
  assert.deepEqual(sealed.transactions, transactions, "the block holds what is said to be in it");
  return { transactions, dropped };
}

test("a block takes transactions in the order given until its gas is used up, and a passed-over sender's nonces stay in order", async (t) => {
  const fits = [await burn(0), await transfer(carol, 0)];
  const { transactions, dropped } = await fill(t, [
    [alice, fits[0]!],
    [alice, await burn(1)],
    [alice, await transfer(alice, 2)],
    [carol, fits[1]!],
  ]);
  assert.deepEqual(transactions, fits);
  assert.deepEqual(dropped, [], "what did not fit waits for the next block");
});

test("a block holds no more bytes than it has room for: a smaller one of another sender still fits", async (t) => {
  const small = await transfer(bob, 0);
  const large = await transfer(alice, 0, { data: `0x${"11".repeat(2000)}`, gas: 200_000n });
  const later = await transfer(alice, 1);
  const candidates = [
    [alice, large],
    [alice, later],
    [bob, small],
  ] as const;
  const room = transactionSize(large, chainId) - 1;
  const { transactions } = await fill(t, candidates, { room });
  assert.deepEqual(transactions, [small]);
  const enough = transactionSize(large, chainId) + transactionSize(later, chainId) + transactionSize(small, chainId);
  assert.deepEqual((await fill(t, candidates, { room: enough })).transactions, [large, later, small]);
});

test("a block whose time is over takes nothing more", async (t) => {
  const { transactions } = await fill(t, [[alice, await transfer(alice, 0)]], { maxBuildMs: -1 });
  assert.deepEqual(transactions, []);
});

test("what can never be included leaves the pool, what may fit later stays", async (t) => {
  const refused = await transfer(alice, 0, { gas: 20_999n });
  const early = await transfer(bob, 1);
  const { transactions, dropped } = await fill(t, [
    [alice, refused],
    [bob, early],
  ]);
  assert.deepEqual(transactions, []);
  assert.deepEqual(dropped, [[keccak256(refused), "refused-by-builder"]]);
});
