import assert from "node:assert/strict";
import { test } from "node:test";
import { curveKeyring, hashKeyring } from "./keys.ts";
import { scenarioOf } from "./scenario.ts";
import { PoolSimulation, simulate } from "./simulation.ts";

const assertSound = async (seeds: readonly number[], members: number): Promise<void> => {
  for (const seed of seeds) {
    const { violations, signed } = await simulate(seed, members);
    assert.deepEqual(violations, [], `npm run simulate -- --members ${members} --seed ${seed}`);
    assert.ok(signed > 0);
  }
};

test("whole pools of four stay sound through faults, vices, epochs and generations", () =>
  assertSound([2, 7, 18, 20], 4));

test("a whole pool of seven stays sound", () => assertSound([3], 7));

test("one seed is one history", async () => {
  assert.deepEqual(await simulate(8, 4), await simulate(8, 4));
});

test("real keys and signatures make the same history as hashes in their form", async () => {
  const scenario = { ...scenarioOf(8, 4, hashKeyring()), healAt: 3000, goal: 2 };
  const keyring = curveKeyring();
  const real = { ...scenario, sets: scenarioOf(8, 4, keyring).sets };
  const { violations, certificates } = await new PoolSimulation(real, keyring).run();
  assert.deepEqual(violations, []);
  assert.ok(certificates > 0);
});
