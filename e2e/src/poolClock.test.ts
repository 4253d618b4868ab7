// Four real processes whose clocks differ.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { systemClock } from "@metis/runtime";
import type { Hex } from "viem";
import { ProcessPool, Sender, signerOf } from "./poolProcesses.ts";
import { until } from "./world.ts";

/** The seat whose clock is far off. */
const odd = 3;
const clock = systemClock();

suite("a pool of four processes whose clocks differ", () => {
  let pool: ProcessPool;
  let sender: Sender;
  /** Milliseconds that L1's clock is ahead of this machine's: the deployment used up the time. */
  let l1AheadMs = 0;
  /** Seconds that each seat's clock is ahead of L1's. */
  const skews = [0, 2, -2, 30];

  before(async () => {
    pool = await ProcessPool.start({
      prepare: async ({ anvil }) => {
        const { timestamp } = await anvil.client.getBlock({ blockTag: "latest" });
        l1AheadMs = Number(timestamp) * 1000 - clock.now();
      },
      surroundings: (index) => ({ clockAheadMs: l1AheadMs + skews[index]! * 1000 }),
    });
    sender = new Sender(pool);
    sender.start(200);
  });
  after(() => pool?.stop());

  const timeOf = async (number: bigint): Promise<number> => {
    const params = [`0x${number.toString(16)}`, false];
    return Number((await pool.at(0).rpc.request<{ timestamp: Hex }>("eth_getBlockByNumber", params)).timestamp);
  };

  /** Until the pool signed blocks of `others`, one in its turn after the other. */
  async function turns(...others: readonly number[]): Promise<void> {
    const wanted = new Set<string>(others.map(signerOf));
    await until("each of them leads", async () => {
      for (const { proposer } of (await pool.status(0)).blocks) wanted.delete(proposer?.toLowerCase() ?? "");
      return wanted.size === 0;
    });
  }

  test("two seconds more or less are nobody's trouble: each of them leads and signs", async () => {
    await turns(0, 1, 2);
    const now = await pool.heads(0);
    for (const index of [1, 2]) await pool.signed(index, now.signed + 1n);
  });

  test("a clock 30 s ahead: its blocks are refused, the others' go on, and the seat says so and signs them", async () => {
    await until("its turns pass", async () => (await pool.metric(0, "pool_turns_missed_total")) > 0);
    const { signed } = await pool.heads(0);
    const ahead = (await timeOf(signed)) * 1000 - (clock.now() + l1AheadMs);
    assert.ok(ahead <= 4_000, `block ${signed} is ${ahead} ms ahead of time`);
    assert.ok((await pool.status(0)).blocks.every(({ proposer }) => proposer?.toLowerCase() !== signerOf(odd)));
    await until(
      "it says that its clock is off",
      async () => (await pool.metric(odd, "pool_clock_offset_seconds")) > 15,
    );
    assert.match(pool.at(odd).log, /clock is off/);
    await pool.signed(odd, signed + 1n);
  });

  test("a clock 30 s behind: the seat follows and says so, and nothing waits for it", async () => {
    skews[odd] = -30;
    await pool.kill(odd);
    await pool.up(odd);
    await until("it says that its clock is off", async () => {
      return (await pool.metric(odd, "pool_clock_offset_seconds")) < -15;
    });
    assert.match(pool.at(odd).log, /clock is off/);
    const { signed } = await pool.heads(0);
    await pool.signed(0, signed + 3n);
    await pool.signed(odd, signed + 3n);
  });

  test("set right it leads again", async () => {
    skews[odd] = 0;
    await pool.kill(odd);
    await pool.up(odd);
    await turns(odd);
    assert.ok(Math.abs(await pool.metric(odd, "pool_clock_offset_seconds")) < 15);
  });

  test("every transaction that any seat took is in the chain, once and in order", async () => {
    await sender.stop();
    for (const index of pool.running) await sender.check(index);
  });
});
