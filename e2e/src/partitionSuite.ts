// The network between four real processes is cut and mended.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { ProcessPool, Sender } from "./poolProcesses.ts";
import type { MakeNetwork } from "./seatNetwork.ts";
import { until } from "./world.ts";

/** Cuts a network that `make` lays; skipped for the reason `refusal`. */
export function partitionSuite(title: string, make: MakeNetwork, refusal?: string): void {
  suite(title, { skip: refusal ?? false }, () => {
    let pool: ProcessPool;
    let sender: Sender;

    before(async () => {
      pool = await ProcessPool.start({ network: make });
      sender = new Sender(pool);
      sender.start(200);
    });
    after(() => pool?.stop());

    /** Blocks that `a` and `b` both hold as signed are the same. */
    async function agree(a: number, b: number): Promise<void> {
      const [one, other] = [await pool.heads(a), await pool.heads(b)];
      const last = one.signed < other.signed ? one.signed : other.signed;
      for (let number = last; number > 0n && number + 10n > last; number--)
        assert.equal(await pool.blockHash(a, number), await pool.blockHash(b, number), `block ${number}`);
    }

    test("three go on without the fourth, which is told everything when it is back", async () => {
      const { signed } = await pool.heads(0);
      await pool.signed(0, signed + 1n);
      pool.network.partition([0, 1, 2], [3]);
      const cut = await pool.heads(0);
      await pool.signed(0, cut.signed + 5n);
      pool.network.partition();
      await pool.signed(3, cut.signed + 5n);
      await agree(0, 3);
    });

    test("two and two sign nothing, contradict each other in nothing, and go on together", async () => {
      pool.network.partition([0, 1], [2, 3]);
      await until("both halves say that they halt", async () =>
        (await Promise.all([0, 2].map((index) => pool.status(index)))).every(({ halted }) => halted !== null),
      );
      const halves = await Promise.all([0, 2].map((index) => pool.heads(index)));
      await agree(0, 2);
      pool.network.partition();
      const last = halves[0]!.signed > halves[1]!.signed ? halves[0]!.signed : halves[1]!.signed;
      for (const index of pool.running) await pool.signed(index, last + 3n);
      await agree(0, 2);
      await agree(1, 3);
    });

    test("every transaction that any seat took is in the chain, once and in order", async () => {
      await sender.stop();
      for (const index of pool.running) await sender.check(index);
    });
  });
}
