import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blockTimeAt, isDue, mayHoldTransactions } from "./timing.ts";
import type { Demand, Moment } from "./timing.ts";

const config = { blockTime: 1, heartbeat: 10, maxDrift: 600 };
const nothing: Demand = { transactions: false, deposits: false, behind: false };
const moment = (given: Partial<Moment> = {}): Moment => ({
  parentTime: 1_000n,
  anchorTime: 990n,
  clock: 1_005n,
  l1Time: 1_004n,
  ...given,
});

test("a block's time grows, is not before its anchor, and is near the clock", () => {
  const seconds = fc.bigInt({ min: 0n, max: 5_000n });
  fc.assert(
    fc.property(seconds, seconds, seconds, seconds, (parentTime, anchorTime, clock, l1Time) => {
      const time = blockTimeAt(config, { parentTime, anchorTime, clock, l1Time });
      assert.ok(time > parentTime && time >= anchorTime);
      const floor = parentTime + 1n > anchorTime ? parentTime + 1n : anchorTime;
      assert.ok(time === floor || (time <= clock && time <= l1Time + 600n));
    }),
  );
});

test("a transaction makes a block due once the block time is over, not before", () => {
  const demand = { ...nothing, transactions: true };
  const early = moment({ clock: 1_000n, l1Time: 1_000n });
  assert.equal(isDue(config, early, blockTimeAt(config, early), demand), false);
  const later = moment({ clock: 1_001n, l1Time: 1_000n });
  assert.equal(isDue(config, later, blockTimeAt(config, later), demand), true);
});

test("without demand a block is due with the heartbeat alone", () => {
  for (const [clock, due] of [
    [1_009n, false],
    [1_010n, true],
  ] as const) {
    const now = moment({ clock, l1Time: clock });
    assert.equal(isDue(config, now, blockTimeAt(config, now), nothing), due);
  }
});

test("when L1's clock runs ahead of ours, blocks follow it by the anchors, without extra heartbeats", () => {
  const ahead = moment({ parentTime: 5_000n, anchorTime: 5_001n, clock: 1_000n, l1Time: 5_025n });
  const time = blockTimeAt(config, ahead);
  assert.equal(time, 5_001n);
  assert.equal(isDue(config, ahead, time, nothing), false);
});

test("past maxDrift transactions and heartbeats make no block, deposits and anchors to catch up with do", () => {
  const drifted = moment({ parentTime: 2_000n, anchorTime: 1_000n, clock: 2_100n, l1Time: 2_100n });
  const time = blockTimeAt(config, drifted);
  assert.equal(mayHoldTransactions(config, time, drifted.anchorTime), false);
  assert.equal(isDue(config, drifted, time, { ...nothing, transactions: true }), false);
  assert.equal(isDue(config, drifted, time, { ...nothing, behind: true }), true);
  assert.equal(isDue(config, drifted, time, { ...nothing, deposits: true }), true);
});

test("a chain that is behind L1 takes the times of its anchors, so that it catches up without waiting", () => {
  let parentTime = 1_000n;
  for (let anchorTime = 1_032n; anchorTime < 9_000n; anchorTime += 32n) {
    const late = moment({ parentTime, anchorTime, clock: 9_000n, l1Time: 9_000n });
    const time = blockTimeAt(config, late, true);
    assert.equal(time, anchorTime);
    assert.ok(isDue(config, late, time, { ...nothing, behind: true }));
    parentTime = time;
  }
});
