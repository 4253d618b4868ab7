import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import type { Hash } from "@metis/protocol";
import { MvmError } from "../errors.ts";
import { openMvm } from "../mvm.ts";
import { alice, bob, nextContext, rollupGenesis, signed, store, vault } from "../testing/rollup.ts";
import { temporaryFolder, zeroHash } from "../testing/synthetic.ts";
import { decodeSnapshot, encodeSnapshot, type Frame } from "./format.ts";
import { exportSnapshot, importSnapshot, requireNoImport, type SnapshotContent } from "./index.ts";

type Mvm = Awaited<ReturnType<typeof openMvm>>;

const blocks = 6;

async function extend(mvm: Mvm, nonce: number): Promise<void> {
  const number = mvm.head().number + 1n;
  const transactions = [
    await signed(nonce, { to: vault, data: store(number % 4n, number % 3n) }),
    await signed(nonce + 1, { to: bob, value: number }),
  ];
  const block = await mvm.execute(nextContext(mvm.head(), { transactions, anchor: number }));
  assert.deepEqual(block.skipped, []);
  await mvm.commit(block.hash);
}

interface Source {
  readonly folder: string;
  readonly dataDir: string;
  readonly mvm: Mvm;
  readonly file: string;
  /** Output root of the block in `file`, two below the head. */
  readonly outputRoot: Hash;
  readonly number: number;
}

/** A running chain with changes above the block that its snapshot holds, from a genesis that gives `wei` away. */
async function newSource(t: TestContext, wei = 10n ** 21n): Promise<Source> {
  const folder = temporaryFolder();
  const dataDir = join(folder.path, "source");
  const mvm = await openMvm({ dataDir, genesis: rollupGenesis({ [alice.address.toLowerCase()]: wei }) });
  t.after(async () => {
    await mvm.close();
    folder.remove();
  });
  for (let i = 0; i < blocks; i++) await extend(mvm, 2 * i);
  const file = join(folder.path, "snapshot");
  const { number, outputRoot } = await exportSnapshot({ dataDir, file, block: blocks - 2 });
  return { folder: folder.path, dataDir, mvm, file, outputRoot, number };
}

const rejects = (promise: Promise<unknown>, code: string, message?: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof MvmError, String(error));
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });

test("a chain goes on from a snapshot as it went on from the block itself", async (t) => {
  const { folder, mvm, file, outputRoot, number } = await newSource(t);
  const dataDir = join(folder, "copy");
  const attachment: Uint8Array[] = [];
  const imported = await importSnapshot({
    dataDir,
    file,
    outputRoot,
    check: (start) => void attachment.push(start.attachment),
  });
  assert.equal(imported.number, number);
  assert.equal(attachment.length, 1);
  const copy = await openMvm({ dataDir, genesis: rollupGenesis() });
  t.after(() => copy.close());
  assert.equal(copy.head().hash, (await mvm.reader.block(BigInt(number)))!.hash);
  assert.deepEqual(await copy.reader.block("latest"), await mvm.reader.block(BigInt(number)));
  assert.deepEqual(await copy.reader.receipts("latest"), await mvm.reader.receipts(BigInt(number)));
  assert.deepEqual(await copy.reader.block(0n), await mvm.reader.block(0n));
  for (let i = number; i < blocks; i++) await extend(copy, 2 * i);
  assert.deepEqual(copy.head(), mvm.head());
  assert.deepEqual(
    await copy.reader.account(alice.address, "latest"),
    await mvm.reader.account(alice.address, "latest"),
  );
  await rejects(copy.reader.account(bob, BigInt(number - 1)), "state-unavailable");
  await rejects(copy.rewind(BigInt(number - 1)), "state-unavailable");
  assert.deepEqual(copy.reader.oldest(), { block: BigInt(number), state: BigInt(number) });
  assert.deepEqual(mvm.reader.oldest(), { block: 0n, state: 0n });
});

test("the snapshot of a block is the same whatever was built on it", async (t) => {
  const { folder, mvm, dataDir, file, number } = await newSource(t);
  await mvm.rewind(BigInt(number));
  const again = join(folder, "again");
  await exportSnapshot({ dataDir, file: again });
  const rows = (path: string): string[] => gunzipSync(readFileSync(path)).toString("latin1").split("").toSorted();
  assert.deepEqual(rows(again), rows(file));
});

test("a snapshot of a snapshot's chain is taken as well", async (t) => {
  const { folder, file, outputRoot } = await newSource(t);
  const [second, third] = [join(folder, "second"), join(folder, "third")];
  await importSnapshot({ dataDir: second, file, outputRoot });
  const copied = await exportSnapshot({ dataDir: second, file: join(folder, "copied") });
  assert.equal(copied.outputRoot, outputRoot);
  await importSnapshot({ dataDir: third, file: join(folder, "copied"), outputRoot });
});

test("another output root is refused and nothing is left behind", async (t) => {
  const { folder, file } = await newSource(t);
  const dataDir = join(folder, "deep", "copy");
  await rejects(importSnapshot({ dataDir, file, outputRoot: zeroHash }), "snapshot-mismatch", /has the output root/);
  assert.ok(!existsSync(join(folder, "deep")));
});

test("what the caller refuses leaves nothing behind either, and a folder with a chain is not touched", async (t) => {
  const { folder, dataDir, file, outputRoot } = await newSource(t);
  const copy = join(folder, "copy");
  const check = (): void => {
    throw new MvmError("unknown-block", "not mine");
  };
  await rejects(importSnapshot({ dataDir: copy, file, outputRoot, check }), "unknown-block");
  assert.ok(!existsSync(copy));
  await rejects(importSnapshot({ dataDir, file, outputRoot }), "snapshot-target");
  assert.deepEqual(readdirSync(dataDir), ["chain"]);
});

test("a block that is not there is refused, and an export leaves no part of a file", async (t) => {
  const { folder, dataDir } = await newSource(t);
  const file = join(folder, "none");
  await rejects(exportSnapshot({ dataDir, file, block: blocks + 1 }), "unknown-block");
  await assert.rejects(exportSnapshot({ dataDir, file: join(folder, "absent", "file") }), { code: "ENOENT" });
  assert.deepEqual(readdirSync(folder).toSorted(), ["snapshot", "source"]);
});

test("a file cut short anywhere is refused", async (t) => {
  const { folder, file, outputRoot } = await newSource(t);
  const whole = readFileSync(file);
  const dataDir = join(folder, "copy");
  const cut = join(folder, "cut");
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
      writeFileSync(cut, whole.subarray(0, length));
      await rejects(importSnapshot({ dataDir, file: cut, outputRoot }), "snapshot-invalid");
      assert.ok(!existsSync(dataDir));
    }),
    { numRuns: 25 },
  );
});

/** The parts of a snapshot, and a way to make a file of others. */
async function framesOf(file: string): Promise<Frame[]> {
  async function* unpacked(): AsyncGenerator<Buffer> {
    yield gunzipSync(readFileSync(file));
  }
  const frames: Frame[] = [];
  for await (const frame of decodeSnapshot(unpacked())) frames.push(frame);
  return frames;
}

const bytesOf = (frames: readonly Frame[]): Buffer => Buffer.concat([...encodeSnapshot(frames)]);

test("a file that lacks a part, or has one of another chain in its place, is refused", async (t) => {
  const [own, foreign] = [await newSource(t), await newSource(t, 10n ** 20n)];
  const [frames, others] = [await framesOf(own.file), await framesOf(foreign.file)];
  assert.equal(frames.length, others.length);
  const isSame = (a: Frame, b: Frame): boolean => bytesOf([a]).equals(bytesOf([b]));
  const [file, dataDir] = [join(own.folder, "wrong"), join(own.folder, "copy")];
  for (const [at, frame] of frames.entries()) {
    const replaced = isSame(frame, others[at]!) ? [] : [frames.with(at, others[at]!)];
    for (const parts of [frames.toSpliced(at, 1), ...replaced]) {
      writeFileSync(file, gzipSync(bytesOf(parts)));
      await rejects(importSnapshot({ dataDir, file, outputRoot: own.outputRoot }), "snapshot-invalid");
      assert.ok(!existsSync(dataDir));
    }
  }
});

test("an output root that is not its block's is refused, of the blocks below the snapshot's too", async (t) => {
  const { folder, file: good, outputRoot } = await newSource(t);
  const file = join(folder, "wrong");
  const frames = await framesOf(good);
  for (const [at, frame] of frames.entries()) {
    if (frame.kind !== "block") continue;
    const wrong = frames.with(at, { ...frame, outputRoot: zeroHash });
    writeFileSync(file, gzipSync(bytesOf(wrong)));
    await rejects(
      importSnapshot({ dataDir: join(folder, "copy"), file, outputRoot }),
      "snapshot-invalid",
      /an output root/,
    );
  }
});

test("a file with one byte changed, packed or unpacked, is refused unless the byte says nothing", async (t) => {
  const { folder, file, outputRoot, number } = await newSource(t);
  const packed = readFileSync(file);
  const unpacked = gunzipSync(packed);
  const changed = join(folder, "changed");
  let imports = 0;
  const attempt = async (bytes: Buffer): Promise<void> => {
    writeFileSync(changed, bytes);
    const dataDir = join(folder, `copy${imports++}`);
    try {
      await importSnapshot({ dataDir, file: changed, outputRoot });
    } catch (error) {
      assert.ok(error instanceof MvmError && error.code.startsWith("snapshot-"), String(error));
      assert.ok(!existsSync(dataDir));
      return;
    }
    // The byte was no part of state, block or headers: gzip's own fields, what a receipt says beside consensus, or the
    // parts that the next start replaces by its own.
    const copy = await openMvm({ dataDir, genesis: rollupGenesis() });
    assert.equal((await copy.reader.block("latest"))?.outputRoot, outputRoot);
    assert.equal(copy.head().number, BigInt(number));
    for (let i = number; i < number + 2; i++) await extend(copy, 2 * i);
    assert.equal(copy.head().number, BigInt(number + 2));
    await copy.close();
  };
  const flip = (bytes: Buffer, at: number, by: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= by;
    return copy;
  };
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }), (inside, at, by) =>
      attempt(inside ? gzipSync(flip(unpacked, at % unpacked.length, by)) : flip(packed, at % packed.length, by)),
    ),
    // A byte inside a stored body's list heads.
    { numRuns: 40, examples: [[true, 2147483634, 1]] },
  );
});

/** An import in a process of its own that is killed in `phase`. */
function killedImport(dataDir: string, file: string, outputRoot: Hash, phase: string): void {
  const child = fileURLToPath(new URL("../testing/importChild.ts", import.meta.url));
  const flags = ["--conditions=@metis/source", "--no-warnings", child, dataDir, file, outputRoot, phase];
  assert.equal(spawnSync(process.execPath, flags, { stdio: "ignore" }).signal, "SIGKILL");
}

test("a folder whose import was killed says so until the import is run again", async (t) => {
  const { folder, file, outputRoot } = await newSource(t);
  const dataDir = join(folder, "copy");
  await requireNoImport(dataDir);
  for (const phase of ["rows", "verify", "check"]) {
    killedImport(dataDir, file, outputRoot, phase);
    assert.deepEqual(readdirSync(dataDir), ["importing"]);
    await rejects(requireNoImport(dataDir), "snapshot-unfinished", /run it again.*delete .*importing/);
  }
  await importSnapshot({ dataDir, file, outputRoot });
  assert.deepEqual(readdirSync(dataDir), ["chain"]);
  await requireNoImport(dataDir);
  assert.deepEqual(readdirSync(join(dataDir, "chain")), ["data.mdb", "lock.mdb"]);
});

test("what is put beside the chain appears with it, and only with it", async (t) => {
  const { folder, file, outputRoot } = await newSource(t);
  const dataDir = join(folder, "copy");
  const beside = (content: SnapshotContent): void => writeFileSync(join(content.folder, "beside"), "mine");
  const refuse = (content: SnapshotContent): void => {
    beside(content);
    throw new MvmError("unknown-block", "not mine");
  };
  await rejects(importSnapshot({ dataDir, file, outputRoot, check: refuse }), "unknown-block");
  assert.ok(!existsSync(dataDir));
  await importSnapshot({ dataDir, file, outputRoot, check: beside });
  assert.equal(readFileSync(join(dataDir, "chain", "beside"), "utf8"), "mine");
});

test("an export beside another one of the same file is refused, and leaves what that one wrote", async (t) => {
  const { folder, dataDir } = await newSource(t);
  const file = join(folder, "other");
  writeFileSync(`${file}.part`, "half a snapshot");
  await rejects(exportSnapshot({ dataDir, file }), "snapshot-target", /other\.part.*delete that file/);
  assert.equal(readFileSync(`${file}.part`, "utf8"), "half a snapshot");
});
