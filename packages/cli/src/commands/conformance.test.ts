import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

/** A folder with these files. */
function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "metis-fixtures-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, ".meta"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

async function call(...args: string[]): Promise<{ exit: number; out: string[] }> {
  const out: string[] = [];
  const io: Io = { json: false, terminal: false, colour: false, out: (line) => out.push(line), note: () => {} };
  return { exit: await run(args, io), out };
}

const fixture = { env: {}, pre: {}, post: { Osaka: [{ txbytes: "0x" }, {}], Atlantis: [{ txbytes: "0x" }] } };

test("with --json every subtest is a line with its fields, and nothing else is one", async (t) => {
  const files = { "1.json": JSON.stringify({ _info: {}, some: fixture }), "2.json": "{", ".meta/index.json": "{}x" };
  const folder = folderOf(t, files);
  const { exit, out } = await call("statetest", folder, "--json");
  assert.equal(exit, 1);
  const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map(({ name, fork, index, pass }) => [name, fork, index, pass]),
    [
      ["some", "Osaka", 0, false],
      ["some", "Osaka", 1, false],
      ["some", "Atlantis", 0, false],
      [join(folder, "2.json"), "", 0, false],
    ],
  );
  for (const { stateRoot, logsHash } of lines)
    for (const hash of [stateRoot, logsHash]) assert.match(String(hash), /^0x[0-9a-f]{64}$/);
});

test("blocktest names the last block and its state", async (t) => {
  const { exit, out } = await call("blocktest", folderOf(t, { "1.json": '{"some": {"blocks": []}}' }), "--json");
  assert.equal(exit, 1);
  const [line] = out.map((text) => JSON.parse(text) as Record<string, unknown>);
  assert.deepEqual(Object.keys(line!), ["name", "fork", "pass", "lastBlockHash", "stateRoot", "error"]);
  assert.equal(out.length, 1);
});

test("nothing to run is a wrong call, not a success", async (t) => {
  const folder = folderOf(t, { "note.txt": "no fixture" });
  for (const path of [folder, join(folder, "absent")]) assert.equal((await call("statetest", path)).exit, 2);
  assert.deepEqual((await call("blocktest", folderOf(t, { "1.json": "{" }))).exit, 1);
});
