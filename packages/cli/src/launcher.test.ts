// What `npm start` and `metis` start, and what ends it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../../scripts/node.mjs", import.meta.url));
const stopSignal = new URL("stopSignal.ts", import.meta.url).href;
const windows = { skip: process.platform === "win32" };

/** Ends by itself only when it was asked to, and takes as long as a second signal of the same kind does to be taken. */
const stopsCleanly = `
  const { stopSignal } = await import(${JSON.stringify(stopSignal)});
  const stopped = stopSignal();
  const lasting = setInterval(() => {}, 1000);
  console.log(process.pid);
  const signal = await stopped;
  process.kill(process.pid, signal);
  setImmediate(() => (console.log("stopped cleanly by " + signal), clearInterval(lasting)));
`;
const minds = `setInterval(() => {}, 1000); console.log(process.pid);`;

type Launcher = ChildProcessByStdio<null, Readable, null>;

/** The launcher in a process group of its own, as a terminal starts it, and the process that it started. */
async function launched(
  context: TestContext,
  program: string,
): Promise<{
  readonly launcher: Launcher;
  readonly pid: number;
  readonly lines: string[];
  readonly end: Promise<unknown>;
}> {
  const child = spawn(process.execPath, [launcher, "--input-type=module", "--eval", program], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = once(child, "close");
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  const [pid] = (await once(output, "line")) as [string];
  output.on("line", (line) => lines.push(line));
  context.after(() => {
    for (const left of [child.pid!, Number(pid)]) kill(left);
  });
  return { launcher: child, pid: Number(pid), lines, end };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has gone, as it should.
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} to launcher and child, as a terminal sends it, is one clean stop`, windows, async (context) => {
    const run = await launched(context, stopsCleanly);
    process.kill(-run.launcher.pid!, signal);
    assert.deepEqual(await run.end, [0, null]);
    assert.deepEqual(run.lines, [`stopped cleanly by ${signal}`]);
  });

  test(`${signal} to the launcher alone reaches the child`, windows, async (context) => {
    const run = await launched(context, stopsCleanly);
    run.launcher.kill(signal);
    assert.deepEqual(await run.end, [0, null]);
    assert.deepEqual(run.lines, [`stopped cleanly by ${signal}`]);
  });
}

test("when the launcher is killed, its child stops cleanly", windows, async (context) => {
  const run = await launched(context, stopsCleanly);
  run.launcher.kill("SIGKILL");
  // The child holds the pipe until it has ended.
  assert.deepEqual(await run.end, [null, "SIGKILL"]);
  assert.deepEqual(run.lines, ["stopped cleanly by SIGHUP"]);
});

test("when the launcher is killed, a child that minds no signal ends as well", windows, async (context) => {
  const run = await launched(context, minds);
  run.launcher.kill("SIGKILL");
  assert.deepEqual(await run.end, [null, "SIGKILL"]);
});

test("a child that ends by a signal ends the launcher by the same one", windows, async (context) => {
  const run = await launched(context, minds);
  process.kill(run.pid, "SIGTERM");
  assert.deepEqual(await run.end, [null, "SIGTERM"]);
});

test("the exit code is the child's, and nothing of the launcher keeps a child alive that has nothing to do", async () => {
  const child = spawn(process.execPath, [launcher, "--eval", "process.exitCode = 7"], { stdio: "inherit" });
  assert.deepEqual(await once(child, "close"), [7, null]);
});
