import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Hash } from "@metis/protocol";
import type { BlockContext } from "../api.ts";
import { toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { loadKernelModule } from "../kernel/index.ts";
import { Chain } from "../storage/chain.ts";
import type { Head } from "../storage/database.ts";
import { stateTables } from "../storage/state.ts";
import { rowOf } from "../testing/extend.ts";
import { execute, newEngine } from "../testing/writer.ts";
import { hexList } from "../wire/raw.ts";
import { openFields } from "../wire/requests.ts";
import { Ahead, type SealThread } from "./ahead.ts";
import { AnswerMemory } from "./answers.ts";
import type { Engine } from "./boot.ts";
import { WorkerClient } from "./channel.ts";
import { CommitQueue, type CommitThread } from "./commitQueue.ts";
import { Committer, type CommitJob } from "./committer.ts";
import { GroupedCommits } from "./groupedCommits.ts";
import { HashBoard } from "./hashBoard.ts";
import { Sealer, type SealJob } from "./sealer.ts";
import type { SealerSettings } from "./sealerWorker.ts";
import { Writer, type Extended, type Leaf } from "./writer.ts";

/** A writer with a sealer that works in the same thread, when the test says so. */
interface Split {
  readonly writer: Writer;
  readonly chain: Chain;
  /** What the sealer was asked for, in order. */
  readonly asked: readonly string[];
  readonly warnings: readonly string[];
  /** From now on the sealer does this first; what it throws is its answer. */
  readonly before: (hook: (asked: string) => void | Promise<void>) => void;
  /** Bytes that must be free on the disk before block `from`, and those after it, is written. */
  readonly reserve: (from: number, bytes: number) => void;
}

/** `start`: a sealer in a thread of its own, which waits for nobody. */
async function newSplit(t: TestContext, start?: (settings: SealerSettings) => WorkerClient): Promise<Split> {
  const { chain, slot, host, disk, another } = await newEngine(t, async () => ahead.close());
  const committer = new Committer(new Chain(disk, 100));
  const writing: Record<string, (argument: never) => unknown> = {
    ready: () => undefined,
    write: (job: CommitJob) => committer.write(job),
    rewind: (number: number) => committer.rewind(number),
  };
  let [reservedFrom, reserved] = [0, 0];
  const commits: CommitQueue = new CommitQueue(
    chain,
    () => threadOf(async (method, argument) => writing[method]!(argument)),
    0,
    () => chain.database.checkRoom(commits.head.number + 1 < reservedFrom ? 0 : reserved),
  );
  await commits.begin();
  const memory = HashBoard.allocate();
  const settings = { path: chain.database.path, historyBlocks: 100, module: await loadKernelModule(), board: memory };
  const sealing = start?.(settings) ?? sealerOf(another(), new HashBoard(memory));
  const asked: string[] = [];
  const warnings: string[] = [];
  let hook: Parameters<Split["before"]>[0] = () => {};
  const call = async (method: string, argument: never): Promise<unknown> => {
    const name = method === "seal" ? `seal ${(argument as SealJob).number}` : method;
    asked.push(name);
    const first = hook(name);
    if (first !== undefined) await first;
    return sealing.call(method, argument);
  };
  const board = new HashBoard(memory);
  const ahead: Ahead = new Ahead(
    chain,
    commits,
    slot,
    [() => ({ ...threadOf(call), terminate: () => sealing.terminate() }), board],
    (why) => warnings.push(why),
    1,
  );
  host.blockHashOf = (number) => ahead.hash(number);
  const writer = new Writer(commits, slot, new AnswerMemory(true), ahead);
  const reserve = (from: number, bytes: number): void => void ([reservedFrom, reserved] = [from, bytes]);
  return { writer, chain, asked, warnings, before: (next) => (hook = next), reserve };
}

function sealerOf({ chain, slot }: Engine, board: HashBoard): SealThread {
  const sealer = new Sealer(chain, slot, board);
  const methods: Record<string, (argument: never) => unknown> = {
    ready: () => undefined,
    begin: (hash: Hash) => sealer.begin(hash),
    seal: (job: SealJob) => sealer.seal(job),
    written: (number: number) => sealer.written(number),
    close: () => undefined,
  };
  return threadOf(async (method, argument) => methods[method]!(argument));
}

const threadOf = (call: (method: string, argument: never) => Promise<unknown>): SealThread & CommitThread => ({
  call: call as SealThread["call"],
  terminate: async () => {},
});

/** A writer that does one thing after the other. */
async function newPlain(t: TestContext): Promise<{ readonly writer: Writer; readonly chain: Chain }> {
  const { chain, slot, host } = await newEngine(t, () => commits.close());
  const commits = new GroupedCommits(chain, { now: () => 0, after: () => {} });
  host.blockHashOf = (number) => commits.hash(number);
  return { writer: new Writer(commits, slot, new AnswerMemory(false)), chain };
}

const leavesOf = (contexts: readonly BlockContext[]): Leaf[] =>
  contexts.map((context) => [openFields(context), hexList(context.inputs.transactions)]);

const extend = async (writer: Writer, contexts: readonly BlockContext[]): Promise<Head> =>
  ((await (await writer.extend(leavesOf(contexts))).promise) as Extended).head;

/** Every row of every table that blocks are kept in. */
function rowsOf({ database }: Chain): unknown {
  database.refresh();
  const { state, blocks } = database;
  const last = database.head!.number;
  const tables = stateTables.map((table) =>
    [...state.rowsAt(table, last)].map(({ key, value }) => [toHex(key), toHex(value)]),
  );
  return [tables, Array.from({ length: last + 1 }, (_, number) => blocks.block(number))];
}

/** Has the sealer wait until it is asked for block `number`. */
const until = (split: Split, number: number): void => {
  const { promise, resolve } = Promise.withResolvers<void>();
  split.before((asked) => {
    if (asked === `seal ${number}`) resolve();
    return asked.startsWith("seal") ? promise : undefined;
  });
};

test("blocks executed ahead of their roots are those that one after the other makes, to the last row", async (t) => {
  const contexts = await rowOf(24);
  const [split, plain] = [await newSplit(t), await newPlain(t)];
  until(split, 10);
  assert.deepEqual(await extend(split.writer, contexts), await extend(plain.writer, contexts));
  assert.deepEqual(rowsOf(split.chain), rowsOf(plain.chain));
  assert.deepEqual(split.warnings, []);
  assert.equal(split.asked.filter((asked) => asked.startsWith("seal")).length, 24);
});

test("a block that asks for the hash of one without roots waits for it, and gets it", async (t) => {
  const contexts = await rowOf(30, [1, 2, 3, 9]);
  const split = await newSplit(t, (settings) => new WorkerClient("sealerWorker", settings, "halt"));
  const plain = await newPlain(t);
  assert.deepEqual(await extend(split.writer, contexts), await extend(plain.writer, contexts));
  assert.deepEqual(rowsOf(split.chain), rowsOf(plain.chain));
  assert.deepEqual(split.warnings, []);
  assert.equal(split.asked.filter((asked) => asked.startsWith("seal")).length, 30);
});

test("a row goes on where the last one ended, and anew after blocks of other kinds", async (t) => {
  const contexts = await rowOf(20);
  const [{ writer, chain, asked }, plain] = [await newSplit(t), await newPlain(t)];
  await extend(writer, contexts.slice(0, 6));
  await extend(writer, contexts.slice(6, 12));
  assert.equal(asked.filter((method) => method === "begin").length, 1);
  const alone = execute(writer, contexts[12]!);
  await (
    await writer.commit(alone.hash)
  ).promise;
  await extend(writer, contexts.slice(13));
  await writer.rewind(4);
  await extend(writer, contexts.slice(4));
  assert.equal(asked.filter((method) => method === "begin").length, 3);
  assert.deepEqual(writer.head(), await extend(plain.writer, contexts));
  assert.deepEqual(rowsOf(chain), rowsOf(plain.chain));
});

test("what another thread cannot seal is executed here alone, with all that follows", async (t) => {
  const contexts = await rowOf(12);
  const [split, plain] = [await newSplit(t), await newPlain(t)];
  split.before((asked) => {
    if (asked === "seal 5") throw new MvmError("worker-lost", "The worker ended.", "halt");
  });
  assert.deepEqual(await extend(split.writer, contexts), await extend(plain.writer, contexts));
  assert.deepEqual(rowsOf(split.chain), rowsOf(plain.chain));
  assert.match(split.warnings.join(), /The worker ended/);
});

for (const method of ["ready", "begin"])
  test(`a thread that fails at "${method}" costs nothing but its help`, async (t) => {
    const contexts = await rowOf(5);
    const [split, plain] = [await newSplit(t), await newPlain(t)];
    split.before((asked) => {
      if (asked === method) throw new MvmError("database-io", "no such file", "halt");
    });
    await extend(split.writer, contexts.slice(0, 2));
    await extend(split.writer, contexts.slice(2, 3));
    assert.deepEqual(await extend(split.writer, contexts.slice(3)), await extend(plain.writer, contexts));
    assert.deepEqual(split.warnings, ["MvmError: no such file"]);
  });

test("of a row with a block that does not follow, those before it are kept, and the reason is told", async (t) => {
  const contexts = await rowOf(6);
  const { writer } = await newSplit(t);
  const broken = contexts.with(3, contexts[4]!);
  await assert.rejects(extend(writer, broken), { code: "bad-inputs" });
  assert.equal(writer.head().number, 3);
  assert.equal((await extend(writer, contexts.slice(3))).number, 6);
});

test("a disk that fills up is told, and the row goes on from there when there is room", async (t) => {
  const contexts = await rowOf(8);
  const [split, plain] = [await newSplit(t), await newPlain(t)];
  split.reserve(4, Infinity);
  await assert.rejects(extend(split.writer, contexts), { code: "disk-full", remedy: "retry" });
  assert.equal(split.writer.head().number, 3);
  split.reserve(0, 0);
  assert.deepEqual(await extend(split.writer, contexts.slice(3)), await extend(plain.writer, contexts));
});
