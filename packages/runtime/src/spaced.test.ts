import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "./clock.ts";
import { Spaced } from "./spaced.ts";

test("what is asked for runs at once after a pause, then at most every so often, once for all who asked", async () => {
  const clock = new ManualClock(0);
  const ran: number[] = [];
  const spaced = new Spaced(clock, 20, () => ran.push(clock.now()));
  for (let ms = 0; ms < 50; ms += 5) {
    spaced.ask();
    await clock.advance(5);
  }
  await clock.advance(100);
  assert.deepEqual(ran, [0, 20, 40, 60]);
  spaced.ask();
  spaced.ask();
  await clock.advance(0);
  assert.deepEqual(ran, [0, 20, 40, 60, 150]);
  await clock.advance(100);
  assert.equal(clock.pending, 0);
});

test("what is called off does not run, and may be asked for again", async () => {
  const clock = new ManualClock(0);
  let runs = 0;
  const spaced = new Spaced(clock, 20, () => runs++);
  spaced.ask();
  spaced.cancel();
  await clock.advance(100);
  assert.equal(runs, 0);
  spaced.ask();
  await clock.advance(0);
  assert.equal(runs, 1);
});
