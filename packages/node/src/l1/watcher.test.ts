import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, createMetrics, ManualClock, silentLogger } from "@metis/runtime";
import { L1Client } from "./client.ts";
import { ScriptedL1 } from "./testing/scriptedL1.ts";
import { L1Watcher } from "./watcher.ts";
import type { L1Event } from "./watcher.ts";

function watch(l1Depth: number, lines: string[]) {
  const scripted = new ScriptedL1();
  const clock = new ManualClock();
  const logger = createLogger({ destination: { write: (line) => lines.push(line) } });
  const watcher = new L1Watcher({
    l1: new L1Client(scripted, logger),
    config: { l1ChainId: 31_337n, l1Depth },
    clock,
    logger: silentLogger(),
    metrics: createMetrics(),
    pollMs: 100,
  });
  return { scripted, clock, watcher, lines };
}

async function watching(l1Depth = 2) {
  const { scripted, clock, watcher, lines } = watch(l1Depth, []);
  const events: L1Event[] = [];
  scripted.mine(10);
  await watcher.start();
  watcher.subscribe((event) => events.push(event));
  return { scripted, clock, watcher, events, lines };
}

test("the usable anchor is l1Depth below the head", async () => {
  const { watcher, scripted, clock } = await watching(4);
  assert.equal(watcher.usableAnchor(), 6n);
  scripted.mine(3);
  await clock.advance(200);
  assert.equal(watcher.usableAnchor(), 9n);
  await watcher.stop();
});

test("new blocks on the head advance it, however many come between two looks", async () => {
  const { watcher, scripted, clock, events } = await watching();
  scripted.mine(7);
  await clock.advance(200);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["advanced"],
  );
  assert.equal(watcher.view.head.number, 17n);
  await watcher.stop();
});

for (const depth of [1, 3, 9])
  test(`a reorg of ${depth} blocks is told with an ancestor that is still there`, async () => {
    const { watcher, scripted, clock, events } = await watching();
    for (let block = 0; block < 12; block++) {
      scripted.mine();
      await clock.advance(100);
    }
    events.length = 0;
    scripted.reorg(depth);
    await clock.advance(200);
    const [event] = events;
    assert.equal(event?.kind, "reorged");
    assert.equal(event?.kind === "reorged" && event.ancestor?.number, 22n - BigInt(depth));
    await watcher.stop();
  });

test("a chain of another id is refused at once", async () => {
  const l1 = new L1Client(new ScriptedL1(), silentLogger());
  const options = { clock: new ManualClock(), logger: silentLogger(), metrics: createMetrics(), pollMs: 100 };
  const watcher = new L1Watcher({ ...options, l1, config: { l1ChainId: 1n, l1Depth: 2 } });
  await assert.rejects(watcher.start(), (error) => (error as { code?: string }).code === "l1-wrong-chain");
});

test("an outage is said once, its end once, and nothing is lost in between", async () => {
  const { watcher, scripted, clock, lines } = await watching();
  scripted.down = true;
  await clock.advance(60_000);
  assert.equal(watcher.health().status, "degraded");
  scripted.mine(5);
  scripted.down = false;
  await clock.advance(200);
  assert.equal(watcher.health().status, "ok");
  assert.equal(watcher.view.head.number, 15n);
  const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  assert.deepEqual(said, [
    "L1 does not answer; nothing is lost, the node tries again until it does",
    "L1 answers again",
  ]);
  await watcher.stop();
});

test("a node that starts before its L1 waits for it, and stops when it is told to", async () => {
  const { watcher, scripted, clock } = watch(2, []);
  scripted.down = true;
  const started = watcher.start();
  await clock.advance(5_000);
  scripted.down = false;
  await clock.advance(200);
  await started;
  assert.equal(watcher.view.head.number, 0n);
  await watcher.stop();

  const other = watch(2, []);
  other.scripted.down = true;
  const waiting = other.watcher.start();
  await other.clock.advance(1_000);
  await other.watcher.stop();
  await waiting;
});
