// Four real processes are killed, paused and started again under a user's load.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { seededRng } from "@metis/runtime";
import { ProcessPool, Sender } from "./poolProcesses.ts";
import { until } from "./world.ts";

const kills = Number(process.env["METIS_TEST_POOL_KILLS"] ?? 10);

suite("a pool of four processes", () => {
  let pool: ProcessPool;
  let sender: Sender;
  const seen = new Map<bigint, string>();

  before(async () => {
    pool = await ProcessPool.start();
    sender = new Sender(pool);
    sender.start(100);
  });
  after(() => pool?.stop());

  /** Notes the signed head of seat `index`, and that nothing signed before has changed. */
  async function observe(index: number): Promise<bigint> {
    const { signed } = await pool.heads(index);
    for (const [number, hash] of seen)
      if (number + 20n > signed && number <= signed)
        assert.equal(await pool.blockHash(index, number), hash, `block ${number}`);
    const hash = await pool.blockHash(index, signed);
    if (hash !== undefined) seen.set(signed, hash);
    return signed;
  }

  test(`${kills} times kill -9 of the leader or another: the rest signs on, and who comes back catches up`, async () => {
    const rng = seededRng(3);
    for (let round = 0; round < kills; round++) {
      const leader = await pool.leader();
      const victim = round % 2 === 0 ? leader : (leader + 1 + rng.below(pool.size - 1)) % pool.size;
      await pool.kill(victim);
      const witness = pool.running[rng.below(pool.running.length)]!;
      const base = await observe(witness);
      await pool.signed(witness, base + 2n);
      await observe(witness);
      await pool.up(victim);
      await pool.signed(victim, base + 2n);
      await observe(victim);
      if (round % 10 === 9 && kills > 10) process.stderr.write(`killed ${round + 1} of ${kills}\n`);
    }
  });

  test("a seat that stands still for a while costs nobody anything, and goes on where the others are", async () => {
    const leader = await pool.leader();
    const paused = pool.at(leader);
    const witness = pool.running.find((index) => index !== leader)!;
    paused.pause();
    const base = await observe(witness);
    await pool.signed(witness, base + 4n);
    paused.resume();
    const now = await observe(witness);
    await pool.signed(leader, now);
    await observe(leader);
  });

  test("one seat lost for ever: blocks and batches go on", async () => {
    await pool.kill(3);
    const base = await pool.heads(0);
    await pool.signed(0, base.signed + 5n);
    await until("a batch of later blocks is on L1", async () => (await pool.heads(0)).safe > base.signed);
  });

  test("a second one lost: the pool halts and says so, and goes on when one comes back", async () => {
    await pool.kill(2);
    await until("the pool says that it halts", async () => (await pool.status(0)).halted !== null);
    const { signed } = await pool.heads(0);
    await pool.up(2);
    await pool.signed(0, signed + 3n);
    assert.equal((await pool.status(0)).halted, null);
    await observe(0);
  });

  test("every transaction that any seat took is in the chain, once and in order, on every seat", async () => {
    await pool.up(3);
    await sender.stop();
    for (const index of pool.running) await sender.check(index);
  });
});
