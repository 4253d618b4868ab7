import assert from "node:assert/strict";
import { test } from "node:test";
import { CommitteeError } from "../errors.ts";
import type { ConsensusApplication, ConsensusEngine, FinalizeBlock, FinalizeResult } from "../engine/port.ts";

/** An application that records what an engine asks, and proposes what the test tells it to. */
export class ScriptedApplication implements ConsensusApplication {
  readonly calls: string[] = [];
  readonly decided: { readonly height: bigint; readonly text: string }[] = [];
  readonly #due: string[] = [];
  #inFlight = 0;
  overlapped = false;
  failNext: "prepare" | "finalize" | undefined;
  failure: Error = new Error("scripted failure");
  endsEpoch: (text: string) => FinalizeResult = () => ({});
  #progress: (() => void) | undefined;

  propose(...texts: readonly string[]): void {
    this.#due.push(...texts);
  }

  /** Resolves once `count` heights are decided. */
  async until(count: number): Promise<void> {
    while (this.decided.length < count) await new Promise<void>((resolve) => (this.#progress = resolve));
  }

  prepareProposal({ height }: { height: bigint }): Promise<Uint8Array | undefined> {
    return this.#call(`prepare ${height}`, () => {
      if (this.failNext === "prepare") this.#fail();
      const text = this.#due[0];
      return text === undefined ? undefined : new TextEncoder().encode(text);
    });
  }

  processProposal({ height, proposal }: { height: bigint; proposal: Uint8Array }): Promise<"accept" | "reject"> {
    return this.#call(`process ${height}`, () => (textOf(proposal) === "bad" ? "reject" : "accept"));
  }

  finalizeBlock({ height, proposal }: FinalizeBlock): Promise<FinalizeResult> {
    return this.#call(`finalize ${height}`, () => {
      if (this.failNext === "finalize") this.#fail();
      const text = textOf(proposal);
      if (text !== "") this.#due.shift();
      this.decided.push({ height, text });
      this.#progress?.();
      return this.endsEpoch(text);
    });
  }

  #fail(): never {
    this.failNext = undefined;
    throw this.failure;
  }

  async #call<T>(name: string, body: () => T): Promise<T> {
    this.calls.push(name);
    this.overlapped ||= this.#inFlight > 0;
    this.#inFlight += 1;
    await new Promise((resolve) => setImmediate(resolve));
    try {
      return body();
    } finally {
      this.#inFlight -= 1;
    }
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** An engine of one seat under test. `retry` lets a failed height be tried again without real time passing. */
export interface EngineUnderTest {
  readonly engine: ConsensusEngine;
  readonly retry: () => Promise<void>;
}

/** What every `ConsensusEngine` must do, whatever decides behind it. */
export function describeEngine(name: string, make: (application: ConsensusApplication) => EngineUnderTest): void {
  test(`${name}: decides proposals in order, one height each, prepare before process before finalize`, async () => {
    const application = new ScriptedApplication();
    const { engine } = make(application);
    const first = engine.height;
    application.propose("a", "b");
    await engine.start();
    await application.until(2);
    await engine.stop();
    assert.deepEqual(application.decided, [
      { height: first, text: "a" },
      { height: first + 1n, text: "b" },
    ]);
    const calls = application.calls.slice(0, 3);
    assert.deepEqual(calls, [`prepare ${first}`, `process ${first}`, `finalize ${first}`]);
    assert.equal(application.overlapped, false);
  });

  test(`${name}: nothing due uses up no height, and a wake is enough to go on`, async () => {
    const application = new ScriptedApplication();
    const { engine } = make(application);
    const first = engine.height;
    await engine.start();
    await engine.pause();
    assert.equal(engine.height, first);
    engine.resume();
    application.propose("late");
    engine.wake();
    await application.until(1);
    await engine.stop();
    assert.deepEqual(application.decided, [{ height: first, text: "late" }]);
  });

  test(`${name}: after a decided block that ends an epoch the next height carries no block`, async () => {
    const application = new ScriptedApplication();
    application.endsEpoch = (text) => (text === "last" ? { validatorUpdates: [] } : {});
    const { engine } = make(application);
    application.propose("last", "next");
    await engine.start();
    await application.until(3);
    await engine.stop();
    assert.deepEqual(
      application.decided.map(({ text }) => text),
      ["last", "", "next"],
    );
  });

  for (const failure of ["prepare", "finalize"] as const)
    test(`${name}: a failing ${failure} is tried again at the same height and nothing is lost`, async () => {
      const application = new ScriptedApplication();
      const { engine, retry } = make(application);
      const first = engine.height;
      application.failNext = failure;
      application.propose("a");
      await engine.start();
      await engine.pause();
      assert.equal(engine.health().status, "degraded");
      engine.resume();
      await retry();
      await application.until(1);
      await engine.stop();
      assert.deepEqual(application.decided, [{ height: first, text: "a" }]);
    });

  test(`${name}: an error that says halt ends the engine, and nothing is tried again`, async () => {
    const application = new ScriptedApplication();
    const { engine, retry } = make(application);
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

  test(`${name}: a paused engine calls nothing until it is resumed`, async () => {
    const application = new ScriptedApplication();
    const { engine } = make(application);
    await engine.start();
    await engine.pause();
    const before = application.calls.length;
    application.propose("a");
    engine.wake();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(application.calls.length, before);
    engine.resume();
    await application.until(1);
    await engine.stop();
  });

  test(`${name}: stop awaits the height in flight and is idempotent`, async () => {
    const application = new ScriptedApplication();
    const { engine } = make(application);
    application.propose("a");
    await engine.start();
    await Promise.all([engine.stop(), engine.stop()]);
    assert.ok(application.calls.length === 0 || application.decided.length === 1);
    const before = application.calls.length;
    engine.wake();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(application.calls.length, before);
  });
}
