import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { isRunning, runLimited, timeUp } from "./limited.mjs";

const onLinux = { skip: process.platform !== "linux" };

/** Runs a shell script until it prints `until`, when its time is up. */
async function run(script, until) {
  const limit = new AbortController();
  const lines = [];
  const said = [];
  const printed = (child) =>
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      if (line === until) limit.abort();
    });
  const options = { limit: limit.signal, stdio: ["ignore", "pipe", "inherit"], grace: 100 };
  const code = await runLimited("sh", ["-c", script], { ...options, say: (what) => said.push(what), onSpawn: printed });
  return { code, lines, said: said.join("") };
}

test("a command that ends in time ends with its own code, and nothing is said", async () => {
  assert.deepEqual(await run("exit 7"), { code: 7, lines: [], said: "" });
  assert.equal((await run("kill -9 $$")).code, 137);
});

test("a command that outruns its time is ended, and what it was at is named", onLinux, async () => {
  const { code, said } = await run("echo up; sleep 4321", "up");
  assert.equal(code, timeUp);
  assert.match(said, /was running:\n[^]*sleep 4321/);
});

test("a process that ignores every request to end is ended", onLinux, async () => {
  const { code, lines } = await run("trap '' TERM INT HUP; echo $$; echo up; while :; do sleep 1; done", "up");
  assert.equal(code, timeUp);
  assert.equal(isRunning(Number(lines[0])), false);
});

test("grandchildren in a session of their own end, too", onLinux, async () => {
  const { lines, said } = await run(
    "setsid sh -c 'sleep 4322 & echo $!; sleep 4323 & echo $!; echo up; wait' & wait",
    "up",
  );
  assert.deepEqual(lines.slice(0, 2).map(Number).map(isRunning), [false, false]);
  assert.match(said, /sleep 4322[^]*sleep 4323/);
});

test("what a command leaves behind when it ends is named and ended", onLinux, async () => {
  const { code, lines, said } = await run("sleep 4324 & echo $!; exit 3");
  assert.equal(code, 3);
  assert.match(said, /left behind:\n[^]*sleep 4324/);
  assert.equal(isRunning(Number(lines[0])), false);
});
