import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { numberedAccounts, addressOf, slotOf, temporaryFolder } from "../testing/synthetic.ts";
import { toBigInt } from "../bytes.ts";
import { Chain } from "./chain.ts";
import { Database } from "./database.ts";

const argumentsFor = (child: string): readonly string[] => [
  "--conditions=@metis/source",
  "--no-warnings",
  fileURLToPath(new URL(`../testing/${child}.ts`, import.meta.url)),
];
const nodeArguments = argumentsFor("appendChild");

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Collects what the child prints until it has ended; `onBlock` sees every committed number. */
async function follow(process: Child, onBlock: (number: number) => void): Promise<{ last: number; errors: string }> {
  let rest = "";
  let last = 0;
  let errors = "";
  process.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onBlock((last = Number(line)));
  });
  process.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await once(process, "close");
  return { last, errors };
}

/** Reopens and compares every account at the head and at the window's lower end with what the numbers say. */
async function checkWhole(path: string, atLeast: number): Promise<number> {
  const database = Database.open(path);
  const chain = new Chain(database, 50);
  const head = chain.head.number;
  assert.ok(head >= atLeast, `head ${head} is below ${atLeast}, which was reported as committed`);
  for (const number of [head, database.oldestState]) {
    const view = chain.stateAt(number)!;
    for (let account = 0; account < numberedAccounts; account++) {
      const newest = number - ((((number - account) % numberedAccounts) + numberedAccounts) % numberedAccounts);
      const found = view.account(addressOf(account));
      assert.equal(found === undefined ? 0n : toBigInt(found.subarray(8, 40)), newest > 0 ? BigInt(newest) : 0n);
      assert.equal(
        toBigInt(view.storage(addressOf(account), slotOf(19)) ?? new Uint8Array()),
        BigInt(Math.max(newest, 0)),
      );
    }
  }
  assert.equal(database.blocks.block(head)?.hash, chain.head.hash);
  assert.equal(database.blocks.block(head + 1), undefined);
  await database.close();
  return head;
}

test("killed at any moment, the database reopens at the last committed block", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  let reached = 0;
  for (const blocks of [1, 5, 30]) {
    const target = reached + blocks;
    const process = spawn(globalThis.process.execPath, [...nodeArguments, folder.path], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { last, errors } = await follow(process, (number) => number >= target && process.kill("SIGKILL"));
    assert.equal(errors, "");
    reached = await checkWhole(folder.path, Math.max(last, target));
  }
});

test("killed amid taking many blocks back, the database reopens with all of them", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const append = spawn(globalThis.process.execPath, [...nodeArguments, folder.path], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  await follow(append, (number) => number >= 60 && append.kill("SIGKILL"));
  const head = await checkWhole(folder.path, 60);
  // Of fifty, after the first, half and all but one.
  for (const last of [head - 1, head - 25, head - 49]) {
    const killed = [...argumentsFor("rewindChild"), folder.path, String(head - 50), String(last)];
    const { signal } = spawnSync(globalThis.process.execPath, killed, { stdio: "ignore" });
    assert.equal(signal, "SIGKILL");
    assert.equal(await checkWhole(folder.path, head), head);
  }
  const whole = [...argumentsFor("rewindChild"), folder.path, String(head - 50), "none"];
  assert.equal(spawnSync(globalThis.process.execPath, whole, { stdio: "inherit" }).status, 0);
  assert.equal(await checkWhole(folder.path, head - 50), head - 50);
});

test(
  "a disk without room gives an error with a code, and the database reopens at the last committed block",
  { skip: globalThis.process.platform === "win32" },
  async (t) => {
    const folder = temporaryFolder();
    t.after(() => folder.remove());
    // A limit on the size of files stands for the full disk: writes beyond it fail in the same way.
    const limited = ["-c", `trap '' XFSZ; ulimit -f 700; exec "$0" "$@"`, globalThis.process.execPath];
    const process = spawn("sh", [...limited, ...nodeArguments, folder.path], { stdio: ["ignore", "pipe", "pipe"] });
    const { last, errors } = await follow(process, () => {});
    // lmdb calls a write that was cut short an I/O error.
    assert.match(errors, /^(disk-full|database-io)$/);
    assert.ok(last > 0);
    assert.equal(await checkWhole(folder.path, last), last);
  },
);
