import assert from "node:assert/strict";
import { existsSync, mkdtempSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DevnetFiles } from "./files.ts";

function folder(context: { after(run: () => void): void }): DevnetFiles {
  const root = mkdtempSync(join(tmpdir(), "metis-files-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  return new DevnetFiles(join(root, "data"));
}

test("--reset empties a devnet's folder; a folder with anything else in it is never taken", (context) => {
  const files = folder(context);
  files.prepare(false);
  writeFileSync(join(files.root, "old"), "");
  files.prepare(true);
  assert.equal(existsSync(join(files.root, "old")), false);

  const foreign = new DevnetFiles(`${files.root}-foreign`);
  mkdirSync(foreign.root);
  writeFileSync(join(foreign.root, "precious"), "");
  for (const reset of [true, false]) assert.throws(() => foreign.prepare(reset), { code: "not-a-devnet-folder" });
  assert.ok(existsSync(join(foreign.root, "precious")));
});

test("a second devnet is kept out, a dead one's lock is not", (context) => {
  const files = folder(context);
  files.prepare(false);
  writeFileSync(join(files.root, "lock"), String(process.ppid));
  assert.throws(() => files.lock(), { code: "devnet-running" });
  assert.throws(() => files.requireFree(), { code: "devnet-running" });
  writeFileSync(join(files.root, "lock"), "999999999");
  files.lock()();
  assert.equal(existsSync(join(files.root, "lock")), false);
});

test("keys are readable by their owner alone", { skip: process.platform === "win32" }, (context) => {
  const files = folder(context);
  files.prepare(false);
  const path = join(files.root, "signer.key");
  files.write(path, "secret", true);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});
