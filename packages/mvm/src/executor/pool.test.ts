import assert from "node:assert/strict";
import { test } from "node:test";
import { ReaderPool, type Reader } from "./pool.ts";

/** A reader whose answers the test gives, one by one. */
class HandFedReader implements Reader {
  readonly asked: string[] = [];
  readonly #answers: (() => void)[] = [];
  isLost = false;

  get load(): number {
    return this.#answers.length;
  }

  call<Result>(method: string): Promise<Result> {
    this.asked.push(method);
    if (method === "close") return Promise.resolve(undefined as Result);
    return new Promise((resolve) => this.#answers.push(() => resolve(method as Result)));
  }

  /** Answers what was asked first. */
  async answer(): Promise<void> {
    this.#answers.shift()!();
    await new Promise(setImmediate);
  }

  async terminate(): Promise<void> {}
}

const code = async (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => "answered",
    (error: { code: string }) => error.code,
  );

test("requests are served in order, and a reader has at most two at hand", async () => {
  const reader = new HandFedReader();
  const pool = new ReaderPool(1, () => reader);
  const answers = ["a", "b", "c"].map((name) => pool.call<string>(name));
  assert.deepEqual(reader.asked, ["a", "b"]);
  for (let i = 0; i < 3; i++) await reader.answer();
  assert.deepEqual(await Promise.all(answers), ["a", "b", "c"]);
});

test("what a burst of dear calls kept in line too long is refused, what comes after it is served", async () => {
  let now = 0;
  const reader = new HandFedReader();
  const pool = new ReaderPool(1, () => reader, { monotonic: () => now });
  const burst = Array.from({ length: 100 }, () => code(pool.call("dear")));
  now = 10_000;
  const late = pool.call<string>("late");
  await reader.answer();
  assert.deepEqual(reader.asked, ["dear", "dear", "late"]);
  await reader.answer();
  await reader.answer();
  assert.equal(await late, "late");
  const ends = await Promise.all(burst);
  assert.deepEqual(
    [ends.filter((end) => end === "answered").length, new Set(ends.slice(2))],
    [2, new Set(["readers-busy"])],
  );
});

test("a line that is full refuses more", async () => {
  const pool = new ReaderPool(1, () => new HandFedReader());
  for (let i = 0; i < 1024; i++) void pool.call("wait");
  assert.equal(await code(pool.call("one more")), "readers-busy");
});

test("a lost reader is replaced", async () => {
  const readers = [new HandFedReader(), new HandFedReader()];
  const pool = new ReaderPool(1, () => readers[readers[0]!.isLost ? 1 : 0]!);
  void pool.call("a");
  readers[0]!.isLost = true;
  void pool.call("b");
  assert.deepEqual(
    readers.map(({ asked }) => asked),
    [["a"], ["b"]],
  );
});

test("closing waits for what runs alone", async () => {
  const reader = new HandFedReader();
  const pool = new ReaderPool(1, () => reader);
  const answers = ["a", "b", "c"].map((name) => code(pool.call(name)));
  await pool.close();
  assert.deepEqual(reader.asked, ["a", "b", "close"]);
  assert.deepEqual([await answers[2], await code(pool.call("d"))], ["closed", "closed"]);
});
