import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

const source = `
  const { stopSignal } = await import(${JSON.stringify(import.meta.resolve("./stopSignal.ts"))});
  const lasting = setInterval(() => {}, 1000);
  const stopped = stopSignal();
  console.log("up");
  await stopped;
  clearInterval(lasting);
  process.exitCode = 5;
`;

const windows = { skip: process.platform === "win32" };

test("signals that come until the process has gone do not change how it ends", windows, async () => {
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  while (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await new Promise(setImmediate);
  }
  assert.deepEqual([child.exitCode, child.signalCode], [5, null]);
});
