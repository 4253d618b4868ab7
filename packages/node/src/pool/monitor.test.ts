import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics, ManualClock } from "@metis/runtime";
import type { Address } from "viem";
import { PoolMonitor } from "./monitor.ts";
import type { PoolMesh } from "./poolMesh.ts";

const [a, b, c, d] = ["0xa1", "0xb2", "0xc3", "0xd4"] as const satisfies readonly Address[];

function setUp(self: Address, connected: readonly Address[]) {
  const mesh = { connected, dropped: 0 } as unknown as PoolMesh;
  const monitor = new PoolMonitor({ self, mesh, clock: new ManualClock(), metrics: createMetrics() });
  const members = [a, b, c].map((signer) => ({ signer, weight: 1n }));
  monitor.watchEngine(() => ({
    view: { height: 1n, round: 0, proposer: a, members, absent: [], calendar: [] },
  }));
  return monitor;
}

test("a member that reaches two thirds or less of the weight says that the pool halts, and who is away", () => {
  const monitor = setUp(a, [b]);
  assert.match(monitor.halted ?? "", /the pool halts.*0xc3 cannot be reached/);
  assert.equal(monitor.silence, monitor.halted);
});

test("a member that reaches more than two thirds says nothing", () => {
  const monitor = setUp(a, [b, c]);
  assert.equal(monitor.halted, undefined);
  assert.equal(monitor.silence, undefined);
});

test("a seat whose key is in no set signs nothing, and does not cry that the pool halts", () => {
  const monitor = setUp(d, []);
  assert.equal(monitor.halted, undefined);
  assert.match(monitor.silence ?? "", /not in the pool's present set/);
});
