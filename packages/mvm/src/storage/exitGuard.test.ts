import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ExitGuard } from "./exitGuard.ts";

test("what is being written ends before an exit goes on, and nothing begins after it", async () => {
  const memory = ExitGuard.allocate();
  const steps = new Int32Array(new SharedArrayBuffer(8));
  const [begun, ended] = [0, 1];
  // Writes until the other side has had a thousand looks at it, as a transaction does that takes a while.
  const program = `
    const { workerData } = require("node:worker_threads");
    const { steps, path, memory } = workerData;
    import(path).then(({ ExitGuard }) => new ExitGuard(memory).run(() => {
      Atomics.store(steps, ${begun}, 1);
      Atomics.notify(steps, ${begun});
      for (let look = 0; look < 1e7; look++) Atomics.load(steps, ${begun});
      Atomics.store(steps, ${ended}, 1);
    }));`;
  const path = new URL("./exitGuard.ts", import.meta.url).href;
  const worker = new Worker(program, { eval: true, workerData: { steps, path, memory } });
  const gone = new Promise((resolve) => worker.once("exit", resolve));
  Atomics.wait(steps, begun, 0);
  const guard = new ExitGuard(memory);
  guard.stop();
  assert.equal(steps[ended], 1);
  assert.throws(() => guard.run(() => assert.fail("ran")), { code: "closed" });
  await gone;
});

test("what throws while it writes leaves the way free for the next one", () => {
  const guard = new ExitGuard(ExitGuard.allocate());
  assert.throws(() =>
    guard.run(() => {
      throw new Error("no");
    }),
  );
  assert.equal(
    guard.run(() => 7),
    7,
  );
});
