import assert from "node:assert/strict";
import { test } from "node:test";
import { MetisError, type Remedy } from "@metis/protocol";
import { ManualClock } from "./clock.ts";
import { silentLogger } from "./logger.ts";
import { RunningLoop, type LoopOptions } from "./loop.ts";

const failure = (remedy: Remedy): MetisError => new MetisError("test", remedy, `please ${remedy}`, {});

function loop(pass: LoopOptions["pass"], rest: Partial<LoopOptions> = {}) {
  const clock = new ManualClock();
  const running = new RunningLoop({ name: "loop", clock, logger: silentLogger(), intervalMs: 1000, pass, ...rest });
  return { clock, running };
}

test("passes follow one another at the interval, and at once when woken", async () => {
  let passes = 0;
  const { clock, running } = loop(async () => void passes++);
  await running.start();
  await clock.advance(0);
  assert.equal(passes, 1);
  await clock.advance(1000);
  assert.equal(passes, 2);
  running.wake();
  await clock.advance(0);
  assert.equal(passes, 3);
  await running.stop();
  await clock.advance(10_000);
  assert.equal(passes, 3);
});

test("a wake during a pass brings another pass right after it", async () => {
  let passes = 0;
  const { clock, running } = loop(async () => {
    if (++passes === 1) running.wake();
  });
  await running.start();
  await clock.advance(1);
  await clock.advance(1);
  assert.equal(passes, 2);
  await running.stop();
});

test("temporary errors are tried again with growing waits, and the health says so", async () => {
  const times: number[] = [];
  let broken = true;
  const { clock, running } = loop(
    async () => {
      times.push(clock.now());
      if (broken) throw failure("retry");
    },
    { minBackoffMs: 100, maxBackoffMs: 400 },
  );
  const start = clock.now();
  await running.start();
  await clock.advance(1500);
  assert.deepEqual(
    times.map((time) => time - start),
    [0, 100, 300, 700, 1100, 1500],
  );
  assert.deepEqual(running.health(), { status: "degraded", detail: "please retry" });
  broken = false;
  await clock.advance(400);
  assert.equal(running.health().status, "ok");
  await running.stop();
});

test("reset runs the handler and goes on; without one it halts", async () => {
  const events: string[] = [];
  const pass = async (): Promise<void> => {
    events.push("pass");
    if (events.length === 1) throw failure("reset");
  };
  const { clock, running } = loop(pass, { onReset: async () => void events.push("reset") });
  await running.start();
  await clock.advance(1000);
  assert.deepEqual(events, ["pass", "reset", "pass"]);
  await running.stop();

  const bare = loop(async () => Promise.reject(failure("reset")));
  await bare.running.start();
  await bare.clock.advance(10_000);
  assert.equal(bare.running.health().status, "failed");
  await bare.running.stop();
});

test("anything else ends the loop and is told", async () => {
  for (const error of [failure("halt"), new TypeError("a bug")]) {
    let passes = 0;
    let told: unknown;
    const pass = async (): Promise<void> => {
      passes++;
      throw error;
    };
    const { clock, running } = loop(pass, { onHalt: (reason) => (told = reason) });
    await running.start();
    await clock.advance(60_000);
    assert.equal(passes, 1);
    assert.equal(told, error);
    assert.equal(running.health().status, "failed");
    await running.stop();
  }
});

test("stop awaits the pass in flight, which sees the signal", async () => {
  let finished = false;
  const { clock, running } = loop(async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    finished = true;
  });
  await running.start();
  await clock.advance(0);
  await running.stop();
  assert.ok(finished);
});
