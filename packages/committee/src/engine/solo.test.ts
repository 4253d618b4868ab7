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

test("solo: what is decided is finalised again after a failure, and proposed anew only when the application says reset", async () => {
  const application = new ScriptedApplication();
  const { engine, retry } = soloEngine(application);
  application.failNext = "finalize";
  application.propose("a");
  await engine.start();
  await engine.pause();
  assert.deepEqual(application.calls, ["prepare 1", "process 1", "finalize 1"]);
  application.failNext = "finalize";
  application.failure = new CommitteeError("proposal-rejected", "reset", "scripted", {});
  engine.resume();
  await retry();
  await engine.pause();
  assert.deepEqual(application.calls.slice(3), ["finalize 1"]);
  engine.resume();
  await retry();
  await application.until(1);
  await engine.stop();
  assert.deepEqual(application.calls.slice(4, 7), ["prepare 1", "process 1", "finalize 1"]);
});
