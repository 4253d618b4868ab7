import assert from "node:assert/strict";
import { test } from "node:test";
import { profiles } from "@metis/protocol";
import fc from "fast-check";
import { hasCause, heartbeatEvery, nextStep, phaseOf } from "./phase.ts";
import type { SilenceView } from "./phase.ts";

const limits = { leakStart: 45, silenceLimit: 120, minSeats: 2 };
/** Two of four seats are there, and the others count a little less than half. */
const ripe: SilenceView = {
  now: 1_090n,
  since: 1_000n,
  limits,
  presentWeight: 20n,
  countedWeight: 29n,
  totalWeight: 40n,
  seats: 2n,
  announced: undefined,
};
const announced = { readyAt: 1_120n, pinned: 7n };

test("the pool leaks from leakStart on, whatever is announced is announced, and ready when its time has come", () => {
  assert.equal(phaseOf({ ...ripe, now: 1_044n }), "live");
  assert.equal(phaseOf({ ...ripe, now: 1_045n }), "leaking");
  assert.equal(phaseOf({ ...ripe, announced, now: 1_119n }), "announced");
  assert.equal(phaseOf({ ...ripe, announced, now: 1_120n }), "ready");
});

test("a handover has a cause when the present are two thirds or less of all and more of what counts", () => {
  assert.equal(hasCause(ripe), true);
  assert.equal(hasCause({ ...ripe, countedWeight: 30n }), false, "exactly two thirds of what counts");
  assert.equal(hasCause({ ...ripe, presentWeight: 27n, totalWeight: 40n }), false, "they can go on by themselves");
  assert.equal(hasCause({ ...ripe, seats: 1n }), false, "too few seats");
});

test("first it is announced, then whatever is higher is pinned, and only then handed over", () => {
  assert.equal(nextStep(ripe, 9n), "announce");
  const open = { ...ripe, announced };
  assert.equal(nextStep(open, 7n), undefined);
  assert.equal(nextStep(open, 8n), "pin");
  const ready = { ...open, now: 1_120n };
  assert.equal(nextStep(ready, 8n), "pin");
  assert.equal(nextStep(ready, 7n), "handover");
  assert.equal(nextStep({ ...ready, presentWeight: 27n }, undefined), undefined, "who came back stops it");
});

test("nobody takes a step that L1 would refuse for its weights", () => {
  const weight = fc.bigInt({ min: 0n, max: 100n });
  fc.assert(
    fc.property(weight, weight, weight, fc.bigInt({ min: 0n, max: 9n }), (present, counted, total, seats) => {
      const view = { ...ripe, presentWeight: present, countedWeight: counted, totalWeight: total, seats };
      const allowed = present * 3n <= total * 2n && present * 3n > counted * 2n && seats >= 2n;
      assert.equal(nextStep(view, undefined) === "announce", allowed);
      assert.equal(nextStep({ ...view, announced, now: 1_120n }, undefined) === "handover", allowed);
    }),
  );
});

for (const { name, chain, l1 } of Object.values(profiles))
  test(`a healthy pool of the ${name} profile sends no heartbeat, a halted one before it counts as silent`, () => {
    const every = heartbeatEvery(l1.leakStart, chain);
    assert.ok(every > BigInt(chain.heartbeat + chain.maxBatchAge));
    assert.ok(every < BigInt(l1.leakStart));
  });
