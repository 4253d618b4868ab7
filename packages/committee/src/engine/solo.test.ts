import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock, silentLogger } from "@metis/runtime";
import { CommitteeError } from "../errors.ts";
import { describeEngine, ScriptedApplication } from "../testing/engineCompliance.ts";
import type { ConsensusApplication } from "./port.ts";
import { SoloEngine } from "./solo.ts";

function soloEngine(application: ConsensusApplication) {
  const clock = new ManualClock();
  const address = "0x00000000000000000000000000000000000000a1";
  const engine = new SoloEngine({ address, application, clock, logger: silentLogger(), firstHeight: 1n, retryMs: 100 });
  return { engine, retry: () => clock.advance(100) };
}

describeEngine("solo", soloEngine);

test("solo: an error that says halt ends the engine, and nothing is tried again", async () => {
  const application = new ScriptedApplication();
  const { engine, retry } = soloEngine(application);
  application.failNext = "finalize";
  application.failure = new CommitteeError("double-sign", "halt", "scripted", {});
  application.propose("a");
  await engine.start();
  await engine.pause();
  assert.equal(engine.health().status, "failed");
  engine.resume();
  await retry();
  assert.deepEqual(application.decided, []);
  await engine.stop();
  assert.equal(engine.health().status, "failed");
});
