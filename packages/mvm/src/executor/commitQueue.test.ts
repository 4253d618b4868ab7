import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { openMvm } from "../mvm.ts";
import { Chain } from "../storage/chain.ts";
import { nextContext, rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { execute, newEngine, refOf, transfer } from "../testing/writer.ts";
import { AnswerMemory } from "./answers.ts";
import { CommitQueue, type CommitThread } from "./commitQueue.ts";
import { Committer, type CommitJob } from "./committer.ts";
import { Writer } from "./writer.ts";

/** A writer whose blocks go to the disk when the test says so. */
interface Held {
  readonly writer: Writer;
  readonly chain: Chain;
  /** Writes what waits, in one transaction. */
  readonly release: () => void;
  /** From now on every write fails with this. */
  readonly fail: (error: Error) => void;
  /** Bytes that must be free on the disk before a block is written. */
  readonly reserve: (bytes: number) => void;
  /** Blocks that the thread was given. */
  readonly given: () => number;
}

/** `started`: when the thread that writes is there; the test goes on once it is. */
async function newHeld(t: TestContext, started?: Promise<void>): Promise<Held> {
  const { chain, slot, host, disk } = await newEngine(t);
  const committer = new Committer(new Chain(disk, 100));
  let failure: Error | undefined;
  let reserve = 0;
  let given = 0;
  let held: (() => void)[] = [];
  const call = async (method: string, argument: unknown): Promise<unknown> => {
    if (method === "ready") return started;
    if (method === "rewind") return committer.rewind(argument as number);
    given++;
    await new Promise<void>((resolve) => held.push(resolve));
    if (failure !== undefined) throw failure;
    return committer.write(argument as CommitJob);
  };
  const thread: CommitThread = { call: call as CommitThread["call"], terminate: async () => {} };
  const queue = new CommitQueue(
    chain,
    () => thread,
    0,
    () => chain.database.checkRoom(reserve),
  );
  host.blockHashOf = (number) => queue.hash(number);
  if (started === undefined) await queue.begin();
  return {
    writer: new Writer(queue, slot, new AnswerMemory(true)),
    chain,
    release: () => {
      for (const resolve of held) resolve();
      held = [];
    },
    fail: (error) => (failure = error),
    reserve: (bytes) => (reserve = bytes),
    given: () => given,
  };
}

test("blocks are executed on parents that are not on disk yet, and are the same blocks", async (t) => {
  const { writer, chain, release } = await newHeld(t);
  const folder = temporaryFolder();
  const plain = await openMvm({ dataDir: folder.path, genesis: rollupGenesis() });
  t.after(async () => {
    await plain.close();
    folder.remove();
  });
  const written: Promise<unknown>[] = [];
  for (let nonce = 0; nonce < 5; nonce++) {
    const context = nextContext(refOf(writer.head()), { transactions: [await transfer(nonce)] });
    const block = execute(writer, context);
    written.push((await writer.commit(block.hash)).promise);
    assert.equal((await plain.execute(context)).hash, block.hash);
    await plain.commit(block.hash);
  }
  assert.equal(writer.head().number, 5);
  chain.database.refresh();
  assert.equal(chain.head.number, 0);
  release();
  await Promise.all(written);
  assert.deepEqual(chain.head, writer.head());
  assert.equal(toHex(chain.database.blocks.hash(3)!), (await plain.reader.block(3n))?.hash);
  const next = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(5)] }));
  assert.deepEqual(next.skipped, []);
});

test("a block is announced only when it is on disk", async (t) => {
  const { writer, chain, release } = await newHeld(t);
  const block = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(0)] }));
  let announced = false;
  const written = (await writer.commit(block.hash)).promise.then(() => (announced = true));
  await new Promise((resolve) => void setImmediate(resolve));
  assert.equal(announced, false);
  release();
  await written;
  assert.equal(chain.head.hash, block.hash);
});

test("no block waits for the thread that writes to start, which takes over once it is there", async (t) => {
  const start = Promise.withResolvers<void>();
  const { writer, chain, release, given } = await newHeld(t, start.promise);
  const commitOne = async (nonce: number): Promise<void> => {
    const block = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(nonce)] }));
    const { promise } = await writer.commit(block.hash);
    release();
    await promise;
    assert.equal(chain.database.head?.hash, block.hash);
  };
  await commitOne(0);
  await commitOne(1);
  await writer.rewind(1);
  assert.equal(given(), 0);
  start.resolve();
  await new Promise((resolve) => void setImmediate(resolve));
  await commitOne(1);
  assert.equal(given(), 1);
});

test("taking blocks back waits for those on their way", async (t) => {
  const { writer, chain, release } = await newHeld(t);
  for (let nonce = 0; nonce < 3; nonce++) {
    const block = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(nonce)] }));
    await writer.commit(block.hash);
  }
  const rewound = writer.rewind(1);
  release();
  assert.equal((await rewound).number, 1);
  assert.equal(chain.head.number, 1);
  const again = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(1)] }));
  assert.deepEqual(again.skipped, []);
});

test("before the disk is full a block is refused, and the same one is taken when there is room again", async (t) => {
  const { writer, chain, release, reserve } = await newHeld(t);
  const before = writer.head();
  const block = execute(writer, nextContext(refOf(before), { transactions: [await transfer(0)] }));
  reserve(Infinity);
  await assert.rejects(writer.commit(block.hash), { code: "disk-full", remedy: "retry" });
  assert.deepEqual(writer.head(), before);
  reserve(0);
  const { promise } = await writer.commit(block.hash);
  release();
  await promise;
  assert.equal(chain.head.hash, block.hash);
});

test("after a write that failed nothing is built on what never reached the disk", async (t) => {
  const { writer, chain, release, fail } = await newHeld(t);
  const first = execute(writer, nextContext(refOf(writer.head()), { transactions: [await transfer(0)] }));
  const lost = (await writer.commit(first.hash)).promise;
  const context = nextContext(refOf(writer.head()), { transactions: [await transfer(1)] });
  const second = execute(writer, context);
  const child = (await writer.commit(second.hash)).promise;
  fail(new MvmError("disk-full", "no room"));
  release();
  const isFull = (error: unknown): boolean => error instanceof MvmError && error.code === "disk-full";
  await assert.rejects(lost, isFull);
  await assert.rejects(child, isFull);
  assert.throws(() => execute(writer, context), isFull);
  await assert.rejects(writer.rewind(0), isFull);
  chain.database.refresh();
  assert.equal(chain.head.number, 0);
});
