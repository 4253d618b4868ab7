// One of four real processes on a disk that takes a second for what takes others milliseconds.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { SlowDisk } from "./disks.ts";
import { folderOf, ProcessPool, Sender } from "./poolProcesses.ts";

/** The seat whose disk is slow. */
const lame = 3;
const refusal = SlowDisk.refusal();

suite("a pool of four processes, one on a slow disk", { skip: refusal && `no slow disk here: ${refusal}` }, () => {
  let disk: SlowDisk | undefined;
  let pool: ProcessPool;
  let sender: Sender;

  before(async () => {
    pool = await ProcessPool.start({
      prepare: (world) => void (disk = SlowDisk.mount(folderOf(world, lame), join(world.folder, "image"), 512)),
    });
    sender = new Sender(pool);
    sender.start(200);
  });
  after(async () => {
    disk?.unmount();
    await pool?.stop();
  });

  test("the others go on at their own pace, and it comes behind", async () => {
    await pool.signed(lame, (await pool.heads(0)).signed + 1n);
    disk!.slow(10);
    const start = await pool.heads(0);
    const behind = await pool.heads(lame);
    await pool.signed(0, start.signed + 10n);
    await pool.signed(lame, behind.signed + 1n);
  });

  test("killed and started on it, it has what it had", async () => {
    const { signed } = await pool.heads(lame);
    await pool.kill(lame);
    await pool.up(lame);
    assert.ok((await pool.heads(lame)).signed >= signed);
  });

  test("when the disk is fast again it catches up, and the pool can do without another", async () => {
    disk!.slow(0);
    await pool.signed(lame, (await pool.heads(0)).signed);
    await pool.kill(0);
    await pool.signed(lame, (await pool.heads(1)).signed + 3n);
    await pool.up(0);
  });

  test("every transaction that any seat took is in the chain, once and in order", async () => {
    await sender.stop();
    for (const index of pool.running) await sender.check(index);
  });
});
