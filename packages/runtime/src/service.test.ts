import assert from "node:assert/strict";
import { test } from "node:test";
import { BaseService, ServiceGroup } from "./service.ts";

class Recorder extends BaseService {
  readonly #events: string[];
  readonly #failing: boolean;

  constructor(name: string, events: string[], failing = false) {
    super(name);
    this.#events = events;
    this.#failing = failing;
  }

  protected async onStart(): Promise<void> {
    this.#events.push(`start ${this.name}`);
    if (this.#failing) throw new Error(`${this.name} cannot`);
  }

  protected async onStop(): Promise<void> {
    this.#events.push(`stop ${this.name}`);
  }

  worsen(status: "degraded" | "failed"): void {
    this.report({ status, detail: "L1 is silent" });
  }
}

test("a group starts after dependencies and stops the other way round", async () => {
  const events: string[] = [];
  const group = new ServiceGroup("node");
  group.add(new Recorder("rpc", events), ["chain", "mempool"]);
  group.add(new Recorder("mempool", events), ["chain"]);
  group.add(new Recorder("chain", events));
  await group.start();
  await group.stop();
  const order = ["chain", "mempool", "rpc"];
  assert.deepEqual(events, [
    ...order.map((name) => `start ${name}`),
    ...order.toReversed().map((name) => `stop ${name}`),
  ]);
});

test("when one fails to start, those before it are stopped and the error is told", async () => {
  const events: string[] = [];
  const group = new ServiceGroup("node");
  group.add(new Recorder("chain", events));
  group.add(new Recorder("rpc", events, true), ["chain"]);
  await assert.rejects(group.start(), /rpc cannot/);
  assert.deepEqual(events, ["start chain", "start rpc", "stop rpc", "stop chain"]);
  assert.equal(group.health().status, "failed");
});

test("stop is idempotent, and awaits a start under way", async () => {
  const events: string[] = [];
  class Slow extends BaseService {
    protected async onStart(signal: AbortSignal): Promise<void> {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      events.push("started");
    }
    protected async onStop(): Promise<void> {
      events.push("stopped");
    }
  }
  const service = new Slow("slow");
  const starting = service.start();
  await Promise.all([service.stop(), service.stop(), starting]);
  await service.stop();
  assert.deepEqual(events, ["started", "stopped"]);
  assert.equal(service.health().status, "stopped");
  assert.throws(() => service.start(), { code: "already-started" });
});

test("unknown and circular dependencies are refused", async () => {
  const unknown = new ServiceGroup("node");
  unknown.add(new Recorder("rpc", []), ["chian"]);
  await assert.rejects(unknown.start(), { code: "unknown-dependency" });
  const circle = new ServiceGroup("node");
  circle.add(new Recorder("a", []), ["b"]);
  circle.add(new Recorder("b", []), ["a"]);
  await assert.rejects(circle.start(), { code: "dependency-cycle" });
});

test("a group is as healthy as its worst member", async () => {
  const group = new ServiceGroup("node");
  group.add(new Recorder("chain", []));
  const l1 = group.add(new Recorder("l1", []));
  await group.start();
  assert.equal(group.health().status, "ok");
  l1.worsen("degraded");
  assert.deepEqual(group.health(), { status: "degraded", detail: "l1: L1 is silent" });
  l1.worsen("failed");
  assert.equal(group.health().status, "failed");
  await group.stop();
});
