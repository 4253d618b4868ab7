// One of four real processes runs out of disk: a file system of its own is filled under it.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { folderOf, ProcessPool, Sender } from "./poolProcesses.ts";
import { SmallDisk } from "./disks.ts";
import { until } from "./world.ts";

/** The seat whose disk is filled. */
const poor = 3;
const refusal = SmallDisk.refusal();

suite("a pool of four processes, one on a full disk", { skip: refusal && `no small disk here: ${refusal}` }, () => {
  let disk: SmallDisk | undefined;
  let pool: ProcessPool;
  let sender: Sender;

  before(async () => {
    pool = await ProcessPool.start({ prepare: (world) => void (disk = SmallDisk.mount(folderOf(world, poor), 160)) });
    sender = new Sender(pool);
    sender.start(200);
  });
  after(async () => {
    disk?.unmount();
    await pool?.stop();
  });

  const saysFull = (): Promise<unknown> =>
    until("the seat says that its disk is full", async () => {
      const { status, detail } = await pool.health(poor);
      return status === "degraded" && /is full|MiB are left|more room/.test(detail ?? "");
    });

  test("before it is full the seat stops signing and says so; the others sign on", async () => {
    await pool.signed(poor, (await pool.heads(0)).signed + 1n);
    disk!.fill(32);
    await saysFull();
    assert.match(pool.at(poor).log, /disk-full/);
    disk!.fill();
    const { signed } = await pool.heads(poor);
    await pool.signed(0, signed + 4n);
    assert.equal((await pool.heads(poor)).signed, signed);
  });

  test("when there is room it goes on by itself and signs with the others", async () => {
    disk!.free();
    const { signed } = await pool.heads(0);
    await pool.signed(poor, signed + 2n);
    await until("its health is good", async () => (await pool.health(poor)).status === "ok");
    // Three are left: nothing is signed without it.
    await pool.kill(0);
    await pool.signed(poor, signed + 6n);
    await pool.up(0);
  });

  test("killed meanwhile it does not start on a full disk, says why, and has lost nothing when there is room", async () => {
    disk!.fill();
    const { signed } = await pool.heads(poor);
    await pool.kill(poor);
    await assert.rejects(pool.up(poor), /ENOSPC/);
    disk!.free();
    await pool.up(poor);
    assert.ok((await pool.heads(poor)).signed >= signed);
    await pool.signed(poor, (await pool.heads(0)).signed + 1n);
  });

  test("every transaction that any seat took is in the chain, once and in order", async () => {
    await sender.stop();
    for (const index of pool.running) await sender.check(index);
  });
});
