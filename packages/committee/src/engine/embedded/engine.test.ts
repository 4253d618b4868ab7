import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import type { BftKeys } from "../../bft/core.ts";
import { describeEngine, ScriptedApplication } from "../../testing/engineCompliance.ts";
import type { ConsensusApplication } from "../port.ts";
import { EmbeddedEngine } from "./engine.ts";

const address = "0x00000000000000000000000000000000000000a1";
const signature = (digest: string): `0x${string}` => `0x${digest.slice(2)}${digest.slice(2)}1b`;
const keys: BftKeys = { sign: signature, recovers: (digest, claimed) => claimed === signature(digest) };

function alone(application: ConsensusApplication, its: BftKeys = keys) {
  const clock = new ManualClock();
  const engine = new EmbeddedEngine({
    address,
    domain: `0x${"11".repeat(32)}`,
    keys: its,
    genesis: { height: 1n, members: [{ signer: address, weight: 1n }] },
    rules: { term: 30, absence: 90 },
    application,
    mesh: { broadcast: () => undefined, send: () => undefined, receive: () => () => undefined },
    store: new MemoryStore(),
    clock,
    logger: silentLogger(),
  });
  return { engine, retry: () => clock.advance(500) };
}

describeEngine("embedded", (application) => alone(application));

test("a kernel that the key failed in the middle of a height is done without: the height begins anew from its log", async () => {
  const application = new ScriptedApplication();
  const asked: string[] = [];
  const sign = (digest: `0x${string}`): `0x${string}` => {
    asked.push(digest);
    if (asked.length === 2) throw new Error("the key's device is away");
    return signature(digest);
  };
  const { engine, retry } = alone(application, { ...keys, sign });
  application.propose("a", "b");
  await engine.start();
  for (let turn = 0; turn < 200 && application.decided.length < 2; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    await retry();
  }
  assert.deepEqual(
    application.decided.map(({ text }) => text),
    ["a", "b"],
  );
  await engine.stop();
});
