import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { MvmError } from "../errors.ts";
import { openMvm } from "../mvm.ts";
import { importSnapshot } from "../snapshot/index.ts";
import { rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder, zeroHash } from "../testing/synthetic.ts";
import { lockFolder } from "./lock.ts";

const child = fileURLToPath(new URL("../testing/holdChild.ts", import.meta.url));

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A process that opens the chain in `dataDir`, and the first line it prints. */
async function openElsewhere(t: TestContext, dataDir: string): Promise<{ process: Child; line: string }> {
  const options = ["--conditions=@metis/source", "--no-warnings", child, dataDir];
  const started: Child = spawn(process.execPath, options, { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => started.kill("SIGKILL"));
  const [line] = (await once(started.stdout, "data")) as [Buffer];
  return { process: started, line: line.toString().trim() };
}

function newFolder(t: TestContext): string {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  return folder.path;
}

const isBusy = (error: unknown): boolean =>
  error instanceof MvmError && error.code === "data-dir-busy" && error.remedy === "halt";

test("a second process on a data directory is refused at its start, and told by whom", async (t) => {
  const dataDir = newFolder(t);
  const first = await openElsewhere(t, dataDir);
  assert.equal(first.line, "open");
  const second = await openElsewhere(t, dataDir);
  assert.match(second.line, new RegExp(`^data-dir-busy Process ${first.process.pid} uses the data in `));
  await assert.rejects(openMvm({ dataDir, genesis: rollupGenesis() }), isBusy);
  first.process.stdin.end();
  await once(first.process, "exit");
  const third = await openElsewhere(t, dataDir);
  assert.equal(third.line, "open");
});

test("what a killed process held is free", async (t) => {
  const dataDir = newFolder(t);
  const first = await openElsewhere(t, dataDir);
  first.process.kill("SIGKILL");
  await once(first.process, "exit");
  const mvm = await openMvm({ dataDir });
  await mvm.close();
  assert.ok(!readdirSync(join(dataDir, "chain")).some((name) => name.startsWith("process.lock")));
});

test("one process opens a data directory once at a time; a failed opening holds nothing", async (t) => {
  const dataDir = newFolder(t);
  await assert.rejects(openMvm({ dataDir }), { code: "genesis-invalid" });
  const mvm = await openMvm({ dataDir, genesis: rollupGenesis() });
  await assert.rejects(openMvm({ dataDir }), /This process uses the data in /);
  await mvm.close();
  await (await openMvm({ dataDir })).close();
});

test("a lock of a process that is gone, or whose number another one has now, or that says nothing, is taken over", (t) => {
  const folder = newFolder(t);
  const file = join(folder, "process.lock");
  // Numbers of processes end at 2^22 on Linux. The second is this process's own number with another start.
  for (const text of ["4194304 1\n", `${process.pid} 1\n`, "", "nonsense"]) {
    writeFileSync(file, text);
    const lock = lockFolder(folder);
    assert.throws(() => lockFolder(folder), isBusy);
    lock.release();
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
  }
});

test("a second import into one folder is refused while the first runs", async (t) => {
  const dataDir = newFolder(t);
  const building = join(dataDir, "importing");
  mkdirSync(building);
  const lock = lockFolder(building);
  await assert.rejects(importSnapshot({ dataDir, file: "none", outputRoot: zeroHash }), isBusy);
  assert.deepEqual(readdirSync(building), ["process.lock"]);
  lock.release();
});
