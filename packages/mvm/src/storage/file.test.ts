import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { open } from "lmdb";
import { MvmError } from "../errors.ts";
import { numberedBlock, temporaryFolder, zeroHash } from "../testing/synthetic.ts";
import { Chain } from "./chain.ts";
import { Database } from "./database.ts";
import { numberKey } from "./keys.ts";

/** A closed database with a few blocks, and its file. */
async function newFile(t: TestContext): Promise<{ readonly path: string; readonly file: string }> {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const chain = new Chain(Database.open(folder.path), 50);
  chain.seed(
    { hash: zeroHash, digest: zeroHash, configuration: Uint8Array.of(1) },
    numberedBlock(0, zeroHash, chain.database.state.current),
  );
  for (let number = 1; number < 4; number++)
    chain.commit(numberedBlock(number, chain.head.hash, chain.database.state.current));
  await chain.database.close();
  return { path: folder.path, file: join(folder.path, "data.mdb") };
}

const isCorrupt = (error: unknown): boolean =>
  error instanceof MvmError && error.code === "database-corrupt" && error.remedy === "halt";

test("a file that is no database, or whose head is damaged, is refused instead of ending the process", async (t) => {
  const { path, file } = await newFile(t);
  const good = readFileSync(file);
  const bad = [
    Buffer.alloc(8192),
    Buffer.alloc(100, 1),
    Buffer.alloc(good.length, 0xa5),
    Buffer.concat([Buffer.alloc(8192, 0xff), good.subarray(8192)]),
    Buffer.concat([good.subarray(0, 16), Buffer.alloc(64, 0xff), good.subarray(80)]),
  ];
  for (const content of bad) {
    writeFileSync(file, content);
    assert.throws(() => Database.open(path), isCorrupt);
  }
  writeFileSync(file, good);
  const database = Database.open(path);
  assert.equal(database.head?.number, 3);
  await database.close();
});

test("a file that lost its end is refused", async (t) => {
  const { path, file } = await newFile(t);
  const content = readFileSync(file);
  // Both head pages speak of 2,000 pages, of which the file has two.
  for (const page of [0, 4096]) content.writeBigUInt64LE(2000n, page + 144);
  writeFileSync(file, content);
  truncateSync(file, 8192);
  assert.throws(() => Database.open(path), isCorrupt);
});

test("a body that is not what was written is told as damage", async (t) => {
  const { path } = await newFile(t);
  const root = open({ path, maxDbs: 16, keyEncoding: "binary", encoding: "binary" });
  const bodies = root.openDB<Uint8Array, Uint8Array>({ name: "bodies", keyEncoding: "binary", encoding: "binary" });
  await bodies.put(numberKey(2), Uint8Array.of(0xc1));
  await root.close();
  const database = Database.open(path);
  t.after(() => database.close());
  assert.throws(() => database.blocks.block(2), isCorrupt);
  assert.equal(database.blocks.block(1)?.number, 1);
});

/** What came of reading a database that was damaged in that way, again and again, by another process: lmdb prints what it sees. */
function outcomes(path: string, way: "cut" | "blank"): ReadonlySet<string> {
  const child = fileURLToPath(new URL("../testing/damageChild.ts", import.meta.url));
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    ["--conditions=@metis/source", "--no-warnings", child, path, way],
    { stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" },
  );
  assert.deepEqual([status, signal], [0, null]);
  return new Set(stdout.trim().split("\n"));
}

test("a file cut anywhere is read as far as it goes or told as damage, and ends no process", async (t) => {
  const { path } = await newFile(t);
  assert.deepEqual(outcomes(path, "cut"), new Set(["database-corrupt", "read"]));
});

test("a page that the disk lost is told as damage by whoever reads it", async (t) => {
  const { path } = await newFile(t);
  assert.deepEqual(outcomes(path, "blank"), new Set(["database-corrupt", "read"]));
});
