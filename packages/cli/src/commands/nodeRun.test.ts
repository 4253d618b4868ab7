import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../io.ts";
import { checkPure, withShorthands } from "./nodeRun.ts";

test("--replica and --feed stand for the options that make a replica, which win where they say more", () => {
  assert.deepEqual(withShorthands({ replica: true, feed: "http://a,http://b", dataDir: "d" }), {
    dataDir: "d",
    role: "replica",
    feedUrls: "http://a,http://b",
    sequencerRpc: "http://a,http://b",
  });
  assert.equal(withShorthands({ feed: "http://a", sequencerRpc: "http://b" })["sequencerRpc"], "http://b");
  assert.deepEqual(withShorthands({ role: "sequencer" }), { role: "sequencer" });
});

test("--port stands for --rpc-port", () => {
  assert.deepEqual(withShorthands({ port: "8545" }), { rpcPort: "8545" });
  assert.throws(() => withShorthands({ port: "8545", rpcPort: "9545" }), UsageError);
});

test("--pure goes with nothing that only a rollup's node understands", () => {
  checkPure({ pure: true, dataDir: "d", port: "8545", logLevel: "info" });
  checkPure({ deployment: "d.json", role: "replica" });
  assert.throws(() => checkPure({ pure: true, feedUrls: "http://a" }), /--feed-urls means nothing/);
  assert.throws(() => checkPure({ pure: true, deployment: "d.json" }), UsageError);
});

test("two contradicting flags are a usage error", () => {
  assert.throws(() => withShorthands({ replica: true, role: "sequencer" }), UsageError);
  assert.throws(() => withShorthands({ feed: "http://a", feedUrls: "http://b" }), UsageError);
});
