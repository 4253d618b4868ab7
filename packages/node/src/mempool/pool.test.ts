import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SignedTransaction } from "@metis/protocol";
import fc from "fast-check";
import type { PooledTransaction } from "./api.ts";
import { mempoolOptions, type MempoolOptions } from "./config.ts";
import { MempoolError } from "./errors.ts";
import { byArrival } from "./order.ts";
import { TransactionPool, type AccountState } from "./pool.ts";

let arrivals = 0;
const address = (sender: number) => `0x${sender.toString(16).padStart(40, "0")}` as const;

/** An entry as the service makes it; the pool looks at no more than this. */
function entry(
  sender: number,
  nonce: number,
  rest: { cap?: bigint; tip?: bigint; cost?: bigint; size?: number } = {},
): PooledTransaction {
  const { cap = 100n, tip = 10n, cost = 1n, size = 100 } = rest;
  const arrival = arrivals++;
  const transaction = {
    type: 2,
    nonce: BigInt(nonce),
    maxFeePerGas: cap,
    maxPriorityFeePerGas: tip,
  } as SignedTransaction;
  return {
    hash: `0x${arrival.toString(16).padStart(64, "0")}`,
    raw: "0x",
    sender: address(sender),
    transaction,
    size,
    arrival,
    addedAt: 0,
    cost,
  };
}

const rich: AccountState = { nonce: 0n, balance: 10n ** 18n };
const make = (options: Partial<MempoolOptions> = {}): TransactionPool => new TransactionPool(mempoolOptions(options));
const nonces = (pool: TransactionPool, sender: number): bigint[] =>
  pool.executable(address(sender)).map(({ transaction }) => transaction.nonce);
const refuses = (code: string, action: () => unknown): void =>
  assert.throws(action, (error) => error instanceof MempoolError && error.code === code);

describe("nonces", () => {
  test("a gap makes later nonces wait until it is filled", () => {
    const pool = make();
    for (const nonce of [0, 2, 3]) pool.insert(entry(1, nonce), rich);
    assert.deepEqual([pool.pendingCount, pool.queuedCount], [1, 2]);
    pool.insert(entry(1, 1), rich);
    assert.deepEqual(nonces(pool, 1), [0n, 1n, 2n, 3n]);
    assert.deepEqual([pool.pendingCount, pool.queuedCount], [4, 0]);
  });

  test("a used nonce and one too far ahead are refused", () => {
    const pool = make({ "mempool.maxNonceGap": 10 });
    refuses("nonce-too-low", () => pool.insert(entry(1, 4), { ...rich, nonce: 5n }));
    refuses("nonce-too-high", () => pool.insert(entry(1, 16), { ...rich, nonce: 5n }));
    pool.insert(entry(1, 15), { ...rich, nonce: 5n });
  });

  test("taking one away makes its followers wait", () => {
    const pool = make();
    const first = entry(1, 0);
    pool.insert(first, rich);
    pool.insert(entry(1, 1), rich);
    pool.remove(first.hash);
    assert.deepEqual([pool.pendingCount, pool.queuedCount], [0, 1]);
  });
});

describe("replacement", () => {
  test("needs ten percent more of both cap and tip, and keeps its place", () => {
    const pool = make();
    const old = entry(1, 0);
    pool.insert(old, rich);
    for (const [cap, tip] of [
      [109n, 20n],
      [200n, 10n],
      [100n, 10n],
    ] as const)
      refuses("replacement-underpriced", () => pool.insert(entry(1, 0, { cap, tip }), rich));
    const next = entry(1, 0, { cap: 110n, tip: 11n });
    assert.deepEqual(pool.insert(next, rich), [{ transaction: old, reason: "replaced" }]);
    assert.equal(pool.get(old.hash), undefined);
    assert.deepEqual([pool.pendingCount, pool.bytes], [1, 100]);
  });

  test("the same transaction twice is already known", () => {
    const pool = make();
    const one = entry(1, 0);
    pool.insert(one, rich);
    refuses("already-known", () => pool.insert(one, rich));
  });
});

describe("funds", () => {
  test("a sender's transactions together may not cost more than its balance", () => {
    const pool = make();
    const state = { nonce: 0n, balance: 10n };
    refuses("insufficient-funds", () => pool.insert(entry(1, 0, { cost: 11n }), state));
    pool.insert(entry(1, 0, { cost: 6n }), state);
    refuses("insufficient-funds", () => pool.insert(entry(1, 1, { cost: 5n }), state));
    pool.insert(entry(1, 1, { cost: 4n }), state);
    assert.equal(pool.pendingCount, 2);
  });

  test("after a new head, what is used up or cannot be paid goes, what cannot be paid yet waits", () => {
    const pool = make();
    for (const nonce of [0, 1, 2, 3]) pool.insert(entry(1, nonce, { cost: 5n }), rich);
    const dropped = pool.update(address(1), { nonce: 1n, balance: 12n });
    assert.deepEqual(
      dropped.map(({ transaction, reason }) => [transaction.transaction.nonce, reason]),
      [[0n, "nonce-too-low"]],
    );
    assert.deepEqual(nonces(pool, 1), [1n, 2n]);
    assert.equal(pool.queuedCount, 1);
    assert.equal(pool.update(address(1), { nonce: 1n, balance: 4n }).length, 3);
    assert.equal(pool.state(address(1)), undefined);
  });
});

describe("limits", () => {
  test("one sender cannot fill the pool", () => {
    const pool = make({ "mempool.maxPerSender": 3 });
    for (const nonce of [0, 1, 2]) pool.insert(entry(1, nonce), rich);
    refuses("sender-limit", () => pool.insert(entry(1, 3), rich));
    pool.insert(entry(1, 2, { cap: 200n, tip: 20n }), rich);
    pool.insert(entry(2, 0), rich);
  });

  test("a sender with as many as it may have can still send the nonce that they wait for: the last one goes", () => {
    const pool = make({ "mempool.maxPerSender": 3 });
    const waiting = [entry(1, 2), entry(1, 4), entry(1, 1)];
    for (const one of waiting) pool.insert(one, rich);
    refuses("sender-limit", () => pool.insert(entry(1, 3), rich));
    assert.deepEqual(pool.insert(entry(1, 0), rich), [{ transaction: waiting[1], reason: "evicted" }]);
    assert.deepEqual(nonces(pool, 1), [0n, 1n, 2n]);
    refuses("sender-limit", () => pool.insert(entry(1, 3), rich));
  });

  test("a full pool lets the youngest waiting ones go for one that can be included, and refuses one that waits", () => {
    const pool = make({ "mempool.maxTransactions": 4 });
    pool.insert(entry(1, 0), rich);
    const waiting = [entry(2, 5), entry(3, 5), entry(4, 5)];
    for (const one of waiting) pool.insert(one, rich);
    refuses("pool-full", () => pool.insert(entry(5, 9), rich));
    assert.deepEqual(pool.insert(entry(5, 0), rich), [{ transaction: waiting[2], reason: "evicted" }]);
    pool.insert(entry(1, 1), rich);
    pool.insert(entry(1, 2), rich);
    refuses("pool-full", () => pool.insert(entry(1, 3), rich));
    refuses("pool-full", () => pool.insert(entry(6, 0), rich));
  });

  test("bytes count as much as number, and a refusal changes nothing", () => {
    const pool = make({ "mempool.maxBytes": 2 ** 17 });
    pool.insert(entry(1, 0, { size: 130_000 }), rich);
    refuses("pool-full", () => pool.insert(entry(2, 0, { size: 2000 }), rich));
    assert.deepEqual([pool.bytes, pool.pendingCount], [130_000, 1]);
    assert.equal(pool.state(address(2)), undefined);
  });

  test("waiting transactions have a limit of their own", () => {
    const pool = make({ "mempool.maxQueued": 1 });
    pool.insert(entry(1, 5), rich);
    refuses("pool-full", () => pool.insert(entry(2, 5), rich));
    pool.insert(entry(2, 0), rich);
  });
});

describe("order", () => {
  test("is that of arrival, a sender's own by nonce", () => {
    const [late, early] = [entry(1, 1), entry(1, 0)];
    const others = [entry(2, 0), entry(3, 0)];
    const runs = [[early, late], ...others.map((one) => [one])];
    assert.deepEqual([...byArrival(runs)], [early, late, ...others]);
    assert.deepEqual([...byArrival([])], []);
  });

  test("of any runs gives every transaction once, each the first to arrive of those possible", () => {
    const runs = fc.array(fc.nat(4), { maxLength: 40 }).map((senders) => {
      const groups = new Map<number, PooledTransaction[]>();
      for (const sender of senders) {
        const run = groups.get(sender) ?? [];
        groups.set(sender, run);
        run.push(entry(sender, run.length));
      }
      return Array.from(groups.values());
    });
    // A sender's later nonce may have come first.
    const shuffled = runs.map((list) => list.map((run) => run.toSorted((a, b) => (a.arrival % 5) - (b.arrival % 5))));
    fc.assert(
      fc.property(shuffled, (list) => {
        const left = list.map((run) => run.slice());
        for (const one of byArrival(list)) {
          const heads = left.flatMap((run) => run.slice(0, 1));
          assert.equal(one.arrival, Math.min(...heads.map(({ arrival }) => arrival)));
          left.find((run) => run[0] === one)?.shift();
        }
        assert.ok(left.every((run) => run.length === 0));
      }),
    );
  });
});

test("invariants hold after any sequence of insertions, removals and new heads", () => {
  const sender = fc.integer({ min: 1, max: 3 });
  const action = fc.oneof(
    fc.record({
      kind: fc.constant("insert" as const),
      sender,
      nonce: fc.nat(8),
      cap: fc.bigInt(100n, 130n),
      cost: fc.bigInt(1n, 40n),
      size: fc.integer({ min: 50, max: 400 }),
    }),
    fc.record({ kind: fc.constant("remove" as const), at: fc.nat(30) }),
    fc.record({ kind: fc.constant("head" as const), sender, nonce: fc.nat(4), balance: fc.bigInt(0n, 120n) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const options = {
        "mempool.maxTransactions": 12,
        "mempool.maxPerSender": 6,
        "mempool.maxQueued": 5,
        "mempool.maxBytes": 2 ** 17,
      };
      const pool = make(options);
      const states = new Map<number, AccountState>();
      const stateOf = (who: number): AccountState => states.get(who) ?? { nonce: 0n, balance: 100n };
      for (const step of actions) {
        if (step.kind === "insert") {
          try {
            pool.insert(
              entry(step.sender, step.nonce, { cap: step.cap, tip: step.cap, cost: step.cost, size: step.size }),
              stateOf(step.sender),
            );
          } catch (error) {
            assert.ok(error instanceof MempoolError, String(error));
          }
        } else if (step.kind === "remove") {
          const all = [...pool.all()];
          const one = all[step.at % Math.max(all.length, 1)];
          if (one) pool.remove(one.hash);
        } else {
          const state = { nonce: BigInt(step.nonce), balance: step.balance };
          states.set(step.sender, state);
          pool.update(address(step.sender), state);
        }
        checkInvariants(pool, options, stateOf);
      }
    }),
    { numRuns: 200 },
  );
});

function checkInvariants(
  pool: TransactionPool,
  options: Partial<MempoolOptions>,
  stateOf: (sender: number) => AccountState,
): void {
  const all = [...pool.all()];
  assert.equal(
    pool.bytes,
    all.reduce((sum, { size }) => sum + size, 0),
  );
  assert.equal(pool.pendingCount + pool.queuedCount, all.length);
  assert.ok(all.length <= (options["mempool.maxTransactions"] ?? 0));
  assert.equal(new Set(all.map(({ sender, transaction }) => `${sender} ${transaction.nonce}`)).size, all.length);
  let executable = 0;
  for (const sender of [1, 2, 3]) {
    const run = pool.executable(address(sender));
    executable += run.length;
    assert.ok(all.filter((one) => one.sender === address(sender)).length <= (options["mempool.maxPerSender"] ?? 0));
    if (run.length === 0) continue;
    const state = stateOf(sender);
    assert.deepEqual(
      run.map(({ transaction }) => transaction.nonce),
      run.map((_, index) => state.nonce + BigInt(index)),
    );
    assert.ok(run.reduce((sum, { cost }) => sum + cost, 0n) <= state.balance);
    assert.ok(run.every((one) => pool.isExecutable(one)));
  }
  assert.equal(executable, pool.pendingCount);
  for (const one of all) assert.ok(one.transaction.nonce >= stateOf(Number(BigInt(one.sender))).nonce);
}
