import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "@metis/runtime";
import { keccak256, type Hex } from "viem";
import { addressOf, openChain, startBalance, transfer, users } from "../rpc/chain.fixture.ts";
import type { MempoolEvent } from "./api.ts";

const [alice, bob, carol] = users as [(typeof users)[0], (typeof users)[0], (typeof users)[0]];
const hashes = (list: Iterable<{ hash: Hex }>): Hex[] => [...list].map(({ hash }) => hash);

test("transactions come out in order of arrival and leave with their block", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const raws = [await transfer(alice, 1), await transfer(bob, 0), await transfer(alice, 0)];
  for (const raw of raws) assert.equal(await pool.add(raw), keccak256(raw));
  const [second, other, first] = raws.map((raw) => keccak256(raw)) as [Hex, Hex, Hex];
  assert.deepEqual(hashes(pool.pending()), [other, first, second]);
  assert.equal(pool.pendingNonce(addressOf(alice)), 2n);
  assert.equal(pool.pendingNonce(addressOf(carol)), undefined);
  await chain.extend([...pool.pending()].map(({ raw }) => raw));
  await pool.settled();
  assert.deepEqual(pool.counts(), { pending: 0, queued: 0 });
  await pool.stop();
});

test("what the state does not allow is refused with geth's words", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  await chain.extend([await transfer(alice, 0)]);
  await pool.settled();
  await assert.rejects(pool.add(await transfer(alice, 0)), {
    code: "nonce-too-low",
    message: "nonce too low: next nonce 1, tx nonce 0",
  });
  await assert.rejects(pool.add(await transfer(bob, 0, { value: startBalance })), {
    code: "insufficient-funds",
    message: /^insufficient funds for gas \* price \+ value: balance 100000000000000000000, tx cost \d+, overshot \d+$/,
  });
  const raw = await transfer(bob, 0);
  await pool.add(raw);
  await assert.rejects(pool.add(raw), { code: "already-known" });
  await assert.rejects(pool.add(`${raw}00`), { code: "malformed" });
  await assert.rejects(pool.add("0x"), { code: "malformed" });
  await assert.rejects(pool.add("0x7e"), { code: "malformed" });
  await assert.rejects(pool.add(`0x02${"00".repeat(131_072)}`), { code: "oversized" });
  await assert.rejects(pool.add(`0x03${"00".repeat(131_072)}`), {
    code: "type-unsupported",
    message: "transaction type not supported: blob transactions",
  });
  await pool.stop();
});

test("the L1 fee counts: gas and value alone may leave too little", async (t) => {
  const chain = await openChain(t);
  // The anchor's fees reach L1Block with the first anchor move.
  await chain.extend([], { anchor: 1n });
  const pool = chain.mempool();
  await pool.start();
  const gasCost = 30_000n * 10n ** 10n;
  const fee = await chain.mvm.reader.l1Fee(await transfer(alice, 0, { value: startBalance - gasCost }), "latest");
  assert.ok(fee > 0n);
  await assert.rejects(pool.add(await transfer(alice, 0, { value: startBalance - gasCost })), {
    code: "insufficient-funds",
  });
  await pool.add(await transfer(alice, 0, { value: startBalance - gasCost - fee - fee / 10n }));
  await pool.stop();
});

test("a replacement takes the place of what it replaces", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const old = await pool.add(await transfer(alice, 0));
  const other = await pool.add(await transfer(bob, 0));
  await assert.rejects(pool.add(await transfer(alice, 0, { value: 1n })), { code: "replacement-underpriced" });
  const next = await pool.add(
    await transfer(alice, 0, { maxFeePerGas: 2n * 10n ** 10n, maxPriorityFeePerGas: 2n * 10n ** 6n }),
  );
  assert.deepEqual(hashes(pool.pending()), [next, other]);
  assert.equal(pool.get(old), undefined);
  await pool.stop();
});

test("a sender's transactions end before the first that cannot pay the base fee", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const good = await pool.add(await transfer(alice, 0));
  await pool.add(await transfer(alice, 1, { maxFeePerGas: 10n ** 7n }));
  await pool.add(await transfer(alice, 2));
  assert.deepEqual(hashes(pool.pending(10n ** 9n)), [good]);
  assert.equal([...pool.pending()].length, 3);
  await pool.stop();
});

test("a restart finds the pool as it was, in the same order", async (t) => {
  const chain = await openChain(t);
  const store = new MemoryStore();
  const before = chain.mempool({}, store);
  await before.start();
  for (const raw of [
    await transfer(alice, 1),
    await transfer(bob, 0),
    await transfer(alice, 0),
    await transfer(carol, 0),
  ])
    await before.add(raw);
  const kept = hashes(before.pending());
  assert.equal(kept[0], keccak256(await transfer(bob, 0)));
  before.drop(kept.at(-1) ?? "0x", "refused-by-builder");
  await before.stop();
  // Included while the node was down.
  await chain.extend([await transfer(bob, 0)]);

  const after = chain.mempool({}, store);
  await after.start();
  assert.deepEqual(hashes(after.pending()), kept.slice(1, -1));
  await after.add(await transfer(carol, 0, { value: 9n }));
  await after.stop();
  const again = chain.mempool({}, store.reopened());
  await again.start();
  assert.deepEqual(hashes(again.pending()), hashes(after.pending()));
  await again.stop();
});

test("transactions of a block that was taken back can be put in again", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const raws = [await transfer(alice, 0), await transfer(alice, 1)];
  for (const raw of raws) await pool.add(raw);
  await chain.extend(raws);
  await pool.settled();
  await chain.rewind(0n);
  await pool.settled();
  await pool.reinsert([...raws, "0x02"]);
  assert.deepEqual(
    hashes(pool.pending()),
    raws.map((raw) => keccak256(raw)),
  );
  await pool.stop();
});

test("a transaction that arrives while the one before it is included does not wait for ever", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const [first, second] = [await transfer(alice, 0), await transfer(alice, 1)];
  await pool.add(first);
  await chain.extend();
  await pool.settled();
  // The pool learns of the block while it asks for the second one's L1 fee.
  const answer = Promise.withResolvers<bigint>();
  t.mock.method(chain.mvm.reader, "l1Fee", () => answer.promise, { times: 1 });
  const added = pool.add(second);
  await chain.extend([first]);
  await pool.settled();
  answer.resolve(0n);
  const hash = await added;
  assert.deepEqual(hashes(pool.pending()), [hash]);
  await pool.stop();
});

test("a transaction of a block that is taken back while the pool learns of it is not lost", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const raw = await transfer(alice, 0);
  await pool.add(raw);
  const { reader } = chain.mvm;
  const blockOf = reader.block.bind(reader);
  const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  t.mock.method(reader, "block", async (number: bigint) => {
    const block = await blockOf(number);
    if (number === 1n) {
      reached.resolve();
      await goOn.promise;
    }
    return block;
  });
  await chain.extend([raw]);
  await reached.promise;
  await chain.rewind(0n);
  const again = pool.reinsert([raw]);
  goOn.resolve();
  await again;
  await pool.settled();
  assert.deepEqual(hashes(pool.pending()), [keccak256(raw)]);
  await pool.stop();
});

test("what a later transaction of the sender knew of the block taken back does not keep an earlier one out", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const raws = [await transfer(alice, 0), await transfer(alice, 1)] as const;
  for (const raw of raws) await pool.add(raw);
  await chain.extend([raws[0]]);
  await pool.settled();
  // Reading the account again takes its time.
  const { reader } = chain.mvm;
  const accountOf = reader.account.bind(reader);
  t.mock.method(reader, "account", async (...question: Parameters<typeof accountOf>) => {
    await new Promise(setImmediate);
    return accountOf(...question);
  });
  await chain.rewind(0n);
  await pool.reinsert([raws[0]]);
  assert.deepEqual(
    hashes(pool.pending()),
    raws.map((raw) => keccak256(raw)),
  );
  await pool.stop();
});

test("events tell of each transaction that becomes executable once, and of each that goes", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  const events: string[] = [];
  const names = new Map<Hex, string>();
  const show = (event: MempoolEvent): number =>
    events.push(
      event.kind === "pending"
        ? `+${names.get(event.transaction.hash)}`
        : `-${names.get(event.transaction.hash)} ${event.reason}`,
    );
  const stop = pool.subscribe(show);
  for (const nonce of [1, 0]) {
    const raw = await transfer(alice, nonce);
    names.set(keccak256(raw), `${nonce}`);
    await pool.add(raw);
  }
  assert.deepEqual(events, ["+0", "+1"]);
  await chain.extend([await transfer(alice, 0)]);
  await pool.settled();
  assert.deepEqual(events, ["+0", "+1", "-0 included"]);
  stop();
  await pool.stop();
});

test("transactions that wait too long expire", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool({ "mempool.lifetimeMinutes": 10 });
  await pool.start();
  await pool.add(await transfer(alice, 5));
  await chain.clock.advance(6 * 60_000);
  await pool.add(await transfer(bob, 0));
  await chain.clock.advance(5 * 60_000);
  assert.deepEqual(pool.counts(), { pending: 1, queued: 0 });
  await pool.stop();
});

test("a clock that is set back or ahead by hours makes no transaction older or younger", async (t) => {
  const chain = await openChain(t);
  const kept = [{ "mempool.lifetimeMinutes": 10 }, new MemoryStore()] as const;
  const pool = chain.mempool(...kept);
  await pool.start();
  const hour = 60 * 60_000;
  chain.clock.jump(5 * hour);
  await pool.add(await transfer(alice, 0));
  chain.clock.jump(5 * hour);
  await chain.clock.advance(6 * 60_000);
  assert.equal(pool.counts().pending, 1);
  chain.clock.jump(-20 * hour);
  await chain.clock.advance(6 * 60_000);
  assert.equal(pool.counts().pending, 0);
  await pool.add(await transfer(alice, 0));
  await pool.stop();
  // As if the machine had been started with a clock far behind the one that the journal was written with.
  chain.clock.jump(-20 * hour);
  const restarted = chain.mempool(...kept);
  await restarted.start();
  assert.equal(restarted.counts().pending, 1);
  await chain.clock.advance(12 * 60_000);
  assert.equal(restarted.counts().pending, 0);
  await restarted.stop();
});

test("another transaction of the account, included from elsewhere, displaces those of the same nonce", async (t) => {
  const chain = await openChain(t);
  const pool = chain.mempool();
  await pool.start();
  await pool.add(await transfer(alice, 0));
  const next = await pool.add(await transfer(alice, 1));
  await chain.extend([await transfer(alice, 0, { value: 77n })]);
  await pool.settled();
  assert.deepEqual(hashes(pool.pending()), [next]);
  await pool.stop();
});
