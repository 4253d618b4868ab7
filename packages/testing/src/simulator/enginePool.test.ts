import assert from "node:assert/strict";
import { test } from "node:test";
import { EnginePool } from "./enginePool.ts";

const leaders = (pool: EnginePool, from: number): Set<string> =>
  new Set(pool.seats[from]!.decided.map((text) => text.split(" ")[2]!));

test("four engines decide the same blocks and every member leads its terms", async () => {
  const pool = new EnginePool({ seed: 1, members: 4 });
  await pool.startAll();
  assert.ok(await pool.until(() => pool.common >= 20));
  assert.deepEqual(pool.violations, []);
  assert.equal(leaders(pool, 0).size, 4);
});

test("a dead leader is replaced and the pool goes on without it", async () => {
  const pool = new EnginePool({ seed: 2, members: 4 });
  await pool.startAll();
  await pool.until(() => pool.common >= 2);
  const leader = pool.seats.findIndex(({ address }) => address === pool.seats[0]!.engine!.leader);
  await pool.kill(leader);
  const before = pool.common;
  assert.ok(await pool.until(() => pool.common >= before + 10, 20_000));
  assert.deepEqual(pool.violations, []);
});

test("a member that was away catches up with what was decided meanwhile", async () => {
  const pool = new EnginePool({ seed: 3, members: 4, drop: 0.02 });
  await pool.startAll();
  await pool.until(() => pool.common >= 3);
  await pool.kill(3);
  await pool.until(() => pool.common >= 15);
  await pool.start(3);
  assert.ok(await pool.until(() => pool.seats[3]!.decided.length >= 16));
  assert.deepEqual(pool.violations, []);
});

test("two of four halt, and go on when a third comes back", async () => {
  const pool = new EnginePool({ seed: 4, members: 4 });
  await pool.startAll();
  await pool.until(() => pool.common >= 3);
  await pool.kill(1);
  await pool.kill(2);
  const before = pool.common;
  assert.equal(await pool.until(() => pool.common >= before + 3, 5000), false);
  await pool.start(1);
  assert.ok(await pool.until(() => pool.common >= before + 5));
  assert.deepEqual(pool.violations, []);
});

test("engines killed and started again at random, with drops and delays, never sign twice and never disagree", async () => {
  for (const seed of [11, 12, 13]) {
    const pool = new EnginePool({ seed, members: 4, drop: 0.03, maxDelay: 40 });
    await pool.startAll();
    for (let round = 0; round < 12; round++) {
      const victim = (seed * 7 + round * 5) % 4;
      await pool.until(() => false, 30 + ((seed + round * 37) % 200));
      await pool.kill(victim);
      await pool.until(() => false, 20 + ((seed * round) % 300));
      await pool.start(victim);
    }
    const goal = pool.common + 3;
    assert.ok(await pool.until(() => pool.common >= goal), `seed ${seed} stalled at ${pool.common}`);
    assert.deepEqual(pool.violations, [], `seed ${seed}`);
  }
});

test("a partition without a quorum on either side stops both, and healing it lets them agree", async () => {
  const pool = new EnginePool({ seed: 5, members: 4, maxDelay: 20 });
  await pool.startAll();
  await pool.until(() => pool.common >= 2);
  pool.partition([0, 1]);
  await pool.until(() => false, 3000);
  const halted = pool.common;
  pool.partition([]);
  assert.ok(await pool.until(() => pool.common >= halted + 5));
  assert.deepEqual(pool.violations, []);
});
