import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock, silentLogger } from "@metis/runtime";
import { ScriptedApplication, describeEngine } from "../testing/engineCompliance.ts";
import { CommitteeError } from "../errors.ts";
import { GenerationalEngine } from "./generations.ts";
import { SoloEngine } from "./solo.ts";

const address = "0x00000000000000000000000000000000000000a1";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(application = new ScriptedApplication()) {
  const clock = new ManualClock();
  const made: number[] = [];
  const world = { generation: 0, fail: undefined as Error | undefined };
  const engine = new GenerationalEngine({
    generation: () => world.generation,
    make: async (generation) => {
      if (world.fail) throw world.fail;
      made.push(generation);
      return new SoloEngine({ address, application, clock, logger: silentLogger(), firstHeight: 1n });
    },
    clock,
    logger: silentLogger(),
  });
  return { engine, application, made, world, clock };
}

describeEngine("generational", (application) => {
  const clock = new ManualClock();
  const solo = new SoloEngine({ address, application, clock, logger: silentLogger(), firstHeight: 1n });
  const engine = new GenerationalEngine({
    generation: () => 0,
    make: async () => solo,
    clock,
    logger: silentLogger(),
  });
  // The suite asks for the first height before it starts the engine.
  Object.defineProperty(engine, "height", { get: () => solo.height });
  return { engine, retry: () => clock.advance(500) };
});

test("a higher generation ends the engine and begins another at its first height", async () => {
  const { engine, application, made, world } = setUp();
  application.propose("a", "b", "c");
  await engine.start();
  await application.until(3);
  world.generation = 1;
  engine.wake();
  while (engine.height !== 1n) await turn();
  application.propose("d");
  engine.wake();
  await application.until(4);
  assert.deepEqual(made, [0, 1]);
  assert.deepEqual(application.decided.at(-1), { height: 1n, text: "d" });
  await engine.stop();
});

test("while it is paused no engine is changed", async () => {
  const { engine, made, world } = setUp();
  await engine.start();
  await engine.pause();
  world.generation = 1;
  engine.wake();
  await turn();
  assert.deepEqual(made, [0]);
  engine.resume();
  await turn();
  assert.deepEqual(made, [0, 1]);
  await engine.stop();
});

test("an engine that cannot be made yet is made later; one that must not be is not", async () => {
  const { engine, made, world, clock } = setUp();
  world.fail = new CommitteeError("bad-set", "retry", "scripted", {});
  await engine.start();
  assert.equal(engine.health().status, "degraded");
  world.fail = undefined;
  await clock.advance(500);
  assert.deepEqual(made, [0]);
  assert.equal(engine.health().status, "ok");
  world.fail = new CommitteeError("bad-set", "halt", "scripted", {});
  world.generation = 1;
  engine.wake();
  await turn();
  assert.equal(engine.health().status, "failed");
  await engine.stop();
});

test("a disk that is full when an engine begins does not end the seat: it begins once there is room", async () => {
  const { engine, made, world, clock } = setUp();
  world.fail = new Error("ENOSPC: no space left on device");
  await engine.start();
  assert.equal(engine.health().status, "degraded");
  world.fail = undefined;
  await clock.advance(500);
  assert.deepEqual(made, [0]);
  assert.equal(engine.health().status, "ok");
  await engine.stop();
});
