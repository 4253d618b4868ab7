import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock, MemoryStore } from "@metis/runtime";
import type { StoreOp } from "@metis/runtime";
import { Journal } from "./journal.ts";

class CountingStore extends MemoryStore {
  writes = 0;

  override write(ops: readonly StoreOp[]): Promise<void> {
    this.writes += 1;
    return super.write(ops);
  }
}

function newJournal(lagMs: number) {
  const [store, clock] = [new CountingStore(), new ManualClock()];
  const onError = (error: unknown): never => assert.fail(String(error));
  const open = (): Journal => new Journal({ store, clock, lagMs: () => lagMs, onError });
  return { store, clock, open, journal: open() };
}

const kept = (raw: `0x${string}`) => ({ addedAt: 7, raw });

test("journal: what comes and goes within the lag never gets to the disk, the rest goes in one write", async () => {
  const { store, clock, journal, open } = newJournal(2_000);
  for (const arrival of [1, 2, 3]) journal.put(arrival, kept("0x01"));
  journal.delete(2);
  await clock.advance(1_999);
  assert.equal(store.writes, 0);
  await clock.advance(1);
  await journal.flush();
  assert.equal(store.writes, 1);
  assert.deepEqual(
    open()
      .entries()
      .map(({ arrival }) => arrival),
    [1, 3],
  );
});

test("journal: an entry on disk that is replaced and then goes is gone from the disk, too", async () => {
  const { clock, journal, open } = newJournal(100);
  journal.put(1, kept("0x01"));
  await clock.advance(100);
  journal.put(1, kept("0x02"));
  journal.delete(1);
  await journal.flush();
  assert.deepEqual(open().entries(), []);
});

test("journal: entries of an earlier run can be deleted, and flush does not wait for the lag", async () => {
  const { journal, open } = newJournal(60_000);
  journal.put(4, kept("0x01"));
  journal.put(5, kept("0x02"));
  await journal.flush();
  const next = open();
  next.delete(4);
  await next.flush();
  assert.deepEqual(open().entries(), [{ arrival: 5, ...kept("0x02") }]);
});
