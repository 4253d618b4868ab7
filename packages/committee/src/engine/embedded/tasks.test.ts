import assert from "node:assert/strict";
import { test } from "node:test";
import { Tasks } from "./tasks.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("tasks run one after the other, and one that fails is reported and holds up nobody", async () => {
  const [log, failures]: [string[], unknown[]] = [[], []];
  const tasks = new Tasks((error) => failures.push(error));
  for (const name of ["a", "b", "c"])
    tasks.add(async () => {
      log.push(`${name} begins`);
      await turn();
      if (name === "b") throw new Error("b failed");
      log.push(`${name} ends`);
    });
  await tasks.settled;
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "c begins", "c ends"]);
  assert.equal(failures.length, 1);
});

test("a pause lets what was added before end, and nothing begin until as many resumes", async () => {
  const log: string[] = [];
  const tasks = new Tasks(() => undefined);
  tasks.add(async () => void log.push("before"));
  await Promise.all([tasks.pause(), tasks.pause()]);
  tasks.add(async () => void log.push("after"));
  tasks.resume();
  await turn();
  assert.deepEqual(log, ["before"]);
  tasks.resume();
  await tasks.settled;
  assert.deepEqual(log, ["before", "after"]);
});

test("messages that wait are bounded in number and bytes, and room comes back as they are taken", async () => {
  const tasks = new Tasks(() => undefined);
  await tasks.pause();
  const nothing = async (): Promise<void> => undefined;
  const mebibyte = 1024 * 1024;
  const large = Array.from({ length: 20 }, () => tasks.offer(mebibyte, nothing)).filter((taken) => taken).length;
  assert.equal(large, 16);
  tasks.resume();
  await tasks.settled;
  await tasks.pause();
  const small = Array.from({ length: 5_000 }, () => tasks.offer(1, nothing)).filter((taken) => taken).length;
  assert.equal(small, 4_096);
  tasks.resume();
});

test("an end drops what waits and releases a pause", async () => {
  const log: string[] = [];
  const tasks = new Tasks(() => undefined);
  await tasks.pause();
  tasks.add(async () => void log.push("never"));
  tasks.end();
  await tasks.settled;
  assert.deepEqual(log, []);
});
