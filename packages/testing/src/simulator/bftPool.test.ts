import assert from "node:assert/strict";
import { test } from "node:test";
import { BftPool } from "./bftPool.ts";
import type { PoolFaults, PoolReport } from "./bftPool.ts";

const seeds = Array.from({ length: 6 }, (_, index) => 1000 + index);
const runs = (faults: Omit<PoolFaults, "seed">): readonly PoolReport[] =>
  seeds.map((seed) => new BftPool({ ...faults, seed }).run());
const assertSound = (reports: readonly PoolReport[], heights: number): void => {
  for (const [index, { violations, decided }] of reports.entries()) {
    assert.deepEqual(violations, [], `seed ${seeds[index]}`);
    assert.equal(decided, heights, `seed ${seeds[index]}`);
  }
};

test("a pool of four decides every height in its first round when nothing fails", () => {
  const reports = runs({ members: 4, heights: 10 });
  assertSound(reports, 10);
  assert.ok(reports.every(({ maxRound }) => maxRound === 0));
});

test("drops, duplicates and delays cost no agreement and no progress", () => {
  assertSound(runs({ members: 4, heights: 8, drop: 0.1, duplicate: 0.1, maxDelay: 80 }), 8);
});

test("a silent member costs no agreement and no progress", () => {
  assertSound(runs({ members: 4, heights: 8, silent: 1, drop: 0.02 }), 8);
});

test("crashes with their log replayed cause no double vote", () => {
  const reports = runs({ members: 4, heights: 12, crashEvery: 60, drop: 0.02 });
  assertSound(reports, 12);
  assert.ok(reports.reduce((sum, { crashes }) => sum + crashes, 0) > 20);
});

test("partitions heal", () => {
  assertSound(runs({ members: 7, heights: 6, partitionEvery: 400 }), 6);
});

test("a member that runs twice under one key cannot make the others disagree", () => {
  assertSound(runs({ members: 4, heights: 8, twins: 1, maxDelay: 60, drop: 0.02 }), 8);
});

test("the double-vote check bites: without the log, crashes cause double votes", () => {
  const bites = (seed: number): boolean =>
    new BftPool({ seed, members: 4, heights: 12, crashEvery: 15, forgetLog: true })
      .run()
      .violations.some((violation) => violation.startsWith("double vote"));
  assert.ok(Array.from({ length: 10 }, (_, seed) => seed).some(bites));
});

test("one seed is one history", () => {
  const run = (): PoolReport => new BftPool({ seed: 5, members: 4, heights: 6, drop: 0.1, crashEvery: 80 }).run();
  assert.deepEqual(run(), run());
});
