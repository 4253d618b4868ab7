import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock, systemClock } from "./clock.ts";

test("a manual clock fires timers in the order in which they fall due", async () => {
  const clock = new ManualClock(1000);
  const fired: string[] = [];
  clock.after(30, () => fired.push(`late at ${clock.now()}`));
  clock.after(10, () => fired.push(`early at ${clock.now()}`));
  clock.after(10, () => fired.push("early too"));
  await clock.advance(20);
  assert.deepEqual(fired, ["early at 1010", "early too"]);
  await clock.advance(20);
  assert.deepEqual(fired, ["early at 1010", "early too", "late at 1030"]);
  assert.equal(clock.now(), 1040);
});

test("a manual clock runs timers that timers set, within the same advance", async () => {
  const clock = new ManualClock(0);
  let ticks = 0;
  const tick = (): void => {
    ticks++;
    clock.after(10, tick);
  };
  clock.after(10, tick);
  await clock.advance(100);
  assert.equal(ticks, 10);
});

for (const [name, make] of [
  ["system", systemClock],
  ["manual", () => new ManualClock()],
] as const) {
  test(`${name} clock: an aborted sleep resolves and leaves no timer`, async () => {
    const clock = make();
    const controller = new AbortController();
    const sleeping = clock.sleep(1e9, controller.signal);
    controller.abort();
    await sleeping;
    if (clock instanceof ManualClock) assert.equal(clock.pending, 0);
    await clock.sleep(1e9, AbortSignal.abort());
  });

  test(`${name} clock: a cancelled timer does not fire`, async () => {
    const clock = make();
    const cancel = clock.after(0, () => assert.fail("fired"));
    cancel();
    const later = clock.sleep(1);
    if (clock instanceof ManualClock) await clock.advance(5);
    await later;
  });
}
