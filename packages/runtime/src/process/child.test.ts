import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { startChild } from "./child.ts";
import type { ChildOptions } from "./child.ts";

const clock = systemClock();
const script = (source: string, more: Partial<ChildOptions> = {}) =>
  startChild({ name: "script", file: process.execPath, args: ["-e", source], ...more }, clock);
const lasting = "setInterval(() => {}, 1000); console.log('ready 42')";

test("a line is found whether it was printed before or after it was asked for", async () => {
  const child = await script(lasting);
  assert.equal((await child.line(/^ready (\d+)$/, 10_000))[1], "42");
  assert.equal((await child.line(/^ready (\d+)$/, 10_000))[1], "42");
  await child.stop();
  assert.equal(child.running, false);
});

test("a program that ends before it is ready is an error with its last words", async () => {
  const child = await script("console.error('no such database'); process.exit(3)");
  await assert.rejects(child.line(/ready/, 10_000), {
    code: "exited-early",
    message: /exit code 3.*no such database/s,
  });
});

test("the last words are heard also when the program has ended by the time somebody asks", async () => {
  const child = await script("process.stderr.write('no such database', () => process.exit(3))");
  while (child.running) await clock.sleep(1);
  await assert.rejects(child.line(/ready/, 10_000), { code: "exited-early", message: /no such database/ });
});

test("a program that is not ready in time is ended", async () => {
  const child = await script(lasting);
  await assert.rejects(child.ready(/never said/, 1), { code: "not-ready-in-time" });
  assert.equal(child.running, false);
});

test("a program that ignores SIGTERM is killed after its grace", async () => {
  const child = await script(`process.on('SIGTERM', () => {}); ${lasting}`);
  await child.line(/ready/, 10_000);
  await child.stop(50);
  assert.equal(child.running, false);
});

test("an unexpected end is reported once, a wanted one never", async () => {
  let reason = "";
  const gone = new Promise<void>((resolve) => {
    void script("process.exit(7)", { onExit: (why) => ((reason = why), resolve()) });
  });
  await gone;
  assert.equal(reason, "exit code 7");
  const child = await script(lasting, { onExit: () => assert.fail("it was stopped on purpose") });
  await child.line(/ready/, 10_000);
  await child.stop();
});

test("the environment is not passed on", async () => {
  process.env["METIS_CHILD_TEST_SECRET"] = "1";
  const child = await script("console.log('has ' + ('METIS_CHILD_TEST_SECRET' in process.env))");
  assert.equal((await child.line(/^has (.*)$/, 10_000))[1], "false");
  delete process.env["METIS_CHILD_TEST_SECRET"];
});

test("a program of its own group is out of the terminal's reach", { skip: process.platform === "win32" }, async (t) => {
  const child = await script(lasting, { ownGroup: true });
  t.after(() => child.stop());
  await child.line(/ready/, 10_000);
  // There is a group of its number, which it leads.
  assert.equal(process.kill(-child.pid, 0), true);
});

test("a missing program is an error at once", async () => {
  await assert.rejects(startChild({ name: "ghost", file: "/no/such/program", args: [] }, clock), {
    code: "spawn-failed",
  });
});
