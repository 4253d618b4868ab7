import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Hash } from "@metis/protocol";
import { nextContext } from "../testing/rollup.ts";
import { execute, newEngine, refOf, transfer } from "../testing/writer.ts";
import type { Chain } from "../storage/chain.ts";
import type { Database, Head } from "../storage/database.ts";
import { AnswerMemory } from "./answers.ts";
import { GroupedCommits } from "./groupedCommits.ts";
import { Writer } from "./writer.ts";

interface Grouped {
  readonly writer: Writer;
  readonly commits: GroupedCommits;
  readonly chain: Chain;
  /** Number of the newest block on disk. */
  readonly onDisk: () => number;
  readonly disk: Database;
  /** Lets the time end that blocks wait for one that follows. */
  readonly expire: () => void;
  /** How long each group was to wait, in milliseconds. */
  readonly delays: readonly number[];
  /** From now on the disk takes so many milliseconds. */
  readonly slowDown: (took: number) => void;
  /** Bytes that must be free on the disk before a block is written. */
  readonly reserve: (bytes: number) => void;
}

async function newGrouped(t: TestContext): Promise<Grouped> {
  const { chain, slot, host, disk } = await newEngine(t, () => commits.close());
  let waiting: (() => void)[] = [];
  let reserve = 0;
  const delays: number[] = [];
  let now = 0;
  let took = 0;
  const after = (delay: number, action: () => void): void => {
    delays.push(delay);
    waiting.push(action);
  };
  const commits = new GroupedCommits(chain, { now: () => (now += took), after }, () =>
    chain.database.checkRoom(reserve),
  );
  host.blockHashOf = (number) => commits.hash(number);
  return {
    writer: new Writer(commits, slot, new AnswerMemory(false)),
    commits,
    chain,
    disk,
    onDisk: () => {
      disk.refresh();
      return disk.head!.number;
    },
    expire: () => {
      for (const complete of waiting) complete();
      waiting = [];
    },
    delays,
    slowDown: (milliseconds) => (took = milliseconds),
    reserve: (bytes) => (reserve = bytes),
  };
}

/** Executes the next block and hands it over. */
async function commitNext(
  writer: Writer,
  nonce: number,
  isFollowed: boolean,
): Promise<{ readonly hash: Hash; readonly written: Promise<Head> }> {
  const block = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(nonce)] }));
  assert.deepEqual(block.skipped, []);
  const { promise } = await writer.commit(block.hash, isFollowed);
  return { hash: block.hash, written: promise as Promise<Head> };
}

test("a block that none follows is on disk at once", async (t) => {
  const { writer, onDisk } = await newGrouped(t);
  const { hash, written } = await commitNext(writer, 0, false);
  assert.equal(onDisk(), 1);
  assert.deepEqual(await written, { number: 1, hash });
});

test("blocks on each other's heels go to the disk together, the same ones as one by one", async (t) => {
  const together = await newGrouped(t);
  const alone = await newGrouped(t);
  const written: Promise<Head>[] = [];
  for (let nonce = 0; nonce < 4; nonce++) {
    const last = await commitNext(together.writer, nonce, nonce < 3);
    assert.equal((await commitNext(alone.writer, nonce, false)).hash, last.hash);
    assert.equal(together.onDisk(), nonce < 3 ? 0 : 4);
    written.push(last.written);
  }
  assert.deepEqual(
    (await Promise.all(written)).map(({ number }) => number),
    [1, 2, 3, 4],
  );
});

test("a block is announced only when it is on disk, and does not wait for ever for one that follows", async (t) => {
  const { writer, onDisk, expire } = await newGrouped(t);
  const { written } = await commitNext(writer, 0, true);
  let announced = false;
  void written.then(() => (announced = true));
  await new Promise((resolve) => void setImmediate(resolve));
  assert.equal(announced, false);
  assert.equal(onDisk(), 0);
  expire();
  assert.equal((await written).number, 1);
  assert.equal(onDisk(), 1);
  // What was to end a group that is long complete leaves the next one alone.
  await commitNext(writer, 1, false);
  const { written: third } = await commitNext(writer, 2, true);
  assert.equal(onDisk(), 2);
  expire();
  assert.equal((await third).number, 3);
});

test("the slower the disk, the longer blocks wait for each other", async (t) => {
  const { writer, delays, slowDown, expire } = await newGrouped(t);
  for (const [nonce, took] of [900, 3, 3].entries()) {
    slowDown(took);
    await commitNext(writer, nonce, true);
    expire();
  }
  assert.deepEqual(delays, [200, 900, 200]);
});

test("a group does not grow for ever", async (t) => {
  const { writer, onDisk } = await newGrouped(t);
  const written: Promise<Head>[] = [];
  for (let nonce = 0; nonce < 33; nonce++) written.push((await commitNext(writer, nonce, true)).written);
  assert.equal(onDisk(), 32);
  assert.equal((await written[31]!).number, 32);
});

test("taking blocks back brings those that wait to the disk first", async (t) => {
  const { writer, onDisk, chain } = await newGrouped(t);
  for (let nonce = 0; nonce < 3; nonce++) await commitNext(writer, nonce, true);
  assert.equal((await writer.rewind(1)).number, 1);
  assert.equal(onDisk(), 1);
  assert.equal(chain.head.number, 1);
  const { written } = await commitNext(writer, 1, false);
  assert.equal((await written).number, 2);
});

test("before the disk is full a block is refused, those before it are written, and it is taken when there is room", async (t) => {
  const { writer, onDisk, reserve, expire } = await newGrouped(t);
  const { written } = await commitNext(writer, 0, true);
  const next = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(1)] }));
  reserve(Infinity);
  await assert.rejects(async () => (await writer.commit(next.hash, true)).promise, {
    code: "disk-full",
    remedy: "retry",
  });
  expire();
  assert.equal((await written).number, 1);
  reserve(0);
  await (
    await writer.commit(next.hash)
  ).promise;
  assert.equal(onDisk(), 2);
});

test("when a block cannot be written its whole group is lost, and nothing is built on it", async (t) => {
  const { writer, disk, chain, commits } = await newGrouped(t);
  await commitNext(writer, 0, false);
  const { written: lost } = await commitNext(writer, 1, true);
  const context = nextContext(refOf(writer.head()), { transactions: [await transfer(2)] });
  const child = execute(writer, context);
  // As if another process had moved the head: the parent is not the newest block any more.
  chain.database.setHead({ number: 7, hash: child.hash });
  const refused = (error: unknown): boolean => (error as { code?: string }).code === "head-moved";
  await assert.rejects(async () => (await writer.commit(child.hash)).promise, refused);
  await assert.rejects(lost, refused);
  assert.throws(() => execute(writer, context), refused);
  await assert.rejects(writer.rewind(0), refused);
  await commits.close();
  disk.refresh();
  assert.equal(disk.blocks.block(2), undefined);
});
