import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAttendance, letsTurnsPass } from "@metis/protocol";
import { curveKeyring, hashKeyring } from "./keys.ts";
import { soundDisk } from "./disk.ts";
import { simulatedConfig } from "./l1.ts";
import { soundNetwork } from "./network.ts";
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

test("a member that attests and never leads is found by its attendance, and nobody else is", async () => {
  const drawn = scenarioOf(8, 4, hashKeyring(), { vice: "idle" });
  const machines = drawn.machines
    .slice(0, 4)
    .map(({ vice, keys }) => ({ vice, keys: keys.slice(0, 1), skewMs: 0, l1LagMs: 0 }));
  const calm = {
    crashEvery: 0,
    partitionEvery: 0,
    raiseAt: 0,
    powerCutAt: 0,
    loss: undefined,
    network: soundNetwork,
    disk: soundDisk,
  };
  const pool = new PoolSimulation({ ...drawn, ...calm, machines, sets: drawn.sets.slice(0, 1), healAt: 165_000 });
  assert.deepEqual((await pool.run()).violations, []);
  const { chain } = pool.machines[1]!.member!;
  const { members, totalWeight } = drawn.sets[0]!;
  const counts = members.map(() => ({ proposed: 0n, attested: 0n }));
  for (let number = 1n; number <= chain.head().number; number++)
    for (const { proposer, blocks, attested } of decodeAttendance(chain.block(number)!.inputs.attendance)?.runs ?? []) {
      counts[proposer]!.proposed += BigInt(blocks);
      for (const [index, count] of counts.entries())
        if ((attested >> BigInt(index)) & 1n) count.attested += BigInt(blocks);
    }
  const accused = members.filter(({ weight }, index) => {
    const { proposed, attested } = counts[index]!;
    return proposed === 0n && letsTurnsPass(attested, weight, totalWeight, simulatedConfig.term);
  });
  const [idle] = machines[0]!.keys.map((key) => hashKeyring().address(key));
  assert.deepEqual(
    accused.map(({ signer }) => signer),
    [idle],
  );
});

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
