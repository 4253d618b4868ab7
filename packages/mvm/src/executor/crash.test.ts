import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Hex } from "viem";
import { fromHex, toBigInt, toHex } from "../bytes.ts";
import { openMvm } from "../mvm.ts";
import { alice, bob, nextContext, rollupGenesis, signed, store, vault } from "../testing/rollup.ts";
import { slotOf, temporaryFolder } from "../testing/synthetic.ts";
import { blockToReplay, executeWitness } from "../witness/index.ts";

const child = fileURLToPath(new URL("../testing/executeChild.ts", import.meta.url));
const nodeArguments = ["--conditions=@metis/source", "--no-warnings", child];

interface Announced {
  readonly last: number;
  readonly hash: string | undefined;
  readonly errors: string;
  /** Exit code, or the signal that ended it. */
  readonly end?: unknown;
}

/** What goes on beside execution. */
const ways = ["nothing", "commits", "roots"] as const;

/** Units of 512 bytes that a file may have: room for some announcements. A row is announced as a whole. */
const fileLimits = { nothing: 900, commits: 900, roots: 3000 } as const;

/** Runs the child until it ends by itself, or is killed after it announced block `killAt`. */
async function run(
  command: readonly string[],
  folder: string,
  args: readonly string[],
  killAt = Infinity,
): Promise<Announced> {
  const [program, ...prefix] = command as readonly [string, ...string[]];
  const process = spawn(program, [...prefix, ...nodeArguments, folder, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let rest = "";
  let announced: Announced = { last: 0, hash: undefined, errors: "" };
  process.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [number, hash] = line.split(" ");
      announced = { last: Number(number), hash, errors: "" };
    }
    if (announced.last >= killAt) process.kill("SIGKILL");
  });
  let errors = "";
  process.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code, signal] = (await once(process, "close")) as readonly unknown[];
  return { ...announced, errors, end: code ?? signal };
}

/** Reopens: the head is at least what was announced, its state is its number's, and the chain goes on from it. */
async function checkWhole(dataDir: string, { last, hash }: Announced): Promise<number> {
  const mvm = await openMvm({ dataDir, genesis: rollupGenesis(), historyBlocks: 20 });
  try {
    const head = mvm.head();
    const number = Number(head.number);
    assert.ok(number >= last, `head ${number} is below ${last}, which was announced as committed`);
    if (hash !== undefined) assert.equal((await mvm.reader.block(BigInt(last)))?.hash, hash);
    assert.equal((await mvm.reader.account(alice.address, "latest"))?.nonce, 2n * head.number);
    assert.equal((await mvm.reader.account(bob, "latest"))?.balance ?? 0n, head.number);
    for (let slot = 0; slot < 5 && slot < number; slot++) {
      const newest = number - 1 - ((((number - 1 - slot) % 5) + 5) % 5);
      const value = await mvm.reader.storage(vault, toHex(slotOf(slot)), "latest");
      assert.equal(toBigInt(fromHex(value!)), BigInt(newest + 1));
    }
    // Every trie node on the block's way is checked by its hash then.
    const block = (await mvm.reader.block("latest"))!;
    const witness = (await mvm.reader.executionWitness("latest"))!;
    const parent = (await mvm.reader.block(head.number - 1n))!;
    const alone = await executeWitness(rollupGenesis(), blockToReplay(block), parent.hash, witness);
    assert.equal(alone.outputRoot, block.outputRoot);
    const transactions: Hex[] = [await signed(2 * number, { to: vault, data: store(9n, 1n) })];
    const next = await mvm.execute(nextContext(head, { transactions }));
    assert.deepEqual(next.skipped, []);
    await mvm.commit(next.hash);
    await mvm.rewind(head.number);
    assert.equal(mvm.head().hash, head.hash);
    return number;
  } finally {
    await mvm.close();
  }
}

for (const way of ways) {
  test(`killed while blocks are executed ahead of the disk, the chain reopens with all that was announced (beside it: ${way})`, async (t) => {
    const folder = temporaryFolder();
    t.after(() => folder.remove());
    let reached = 0;
    for (const blocks of [1, 40]) {
      const announced = await run([process.execPath], folder.path, [way], reached + blocks);
      assert.deepEqual([announced.end, announced.errors], ["SIGKILL", ""]);
      assert.ok(announced.last >= reached + blocks);
      reached = await checkWhole(folder.path, announced);
    }
  });

  test(`a process that ends while blocks are on their way to the disk ends at once (beside it: ${way})`, async (t) => {
    const folder = temporaryFolder();
    t.after(() => folder.remove());
    const announced = await run([process.execPath], folder.path, [way, "80"]);
    assert.deepEqual([announced.end, announced.errors], [0, ""]);
    const reached = await checkWhole(folder.path, announced);
    assert.ok(reached < 80);
  });

  test(
    `a disk that fills up while blocks are executed ahead of it takes nothing that was announced (beside it: ${way})`,
    { skip: process.platform === "win32" },
    async (t) => {
      const folder = temporaryFolder();
      t.after(() => folder.remove());
      // A limit on the size of files stands for the full disk: writes beyond it fail in the same way.
      const limited = ["sh", "-c", `trap '' XFSZ; ulimit -f ${fileLimits[way]}; exec "$0" "$@"`, process.execPath];
      const announced = await run(limited, folder.path, [way]);
      // lmdb calls a write that was cut short an I/O error.
      assert.match(announced.errors, /^(disk-full|database-io)/);
      assert.ok(announced.last > 0);
      const reached = await checkWhole(folder.path, announced);
      // Of a row the last block alone is announced.
      if (way !== "roots") assert.equal(reached, announced.last);
    },
  );
}
