import assert from "node:assert/strict";
import { test } from "node:test";
import type { SignedTransaction } from "@metis/protocol";
import fc from "fast-check";
import { numberToHex } from "viem";
import type { PooledTransaction } from "../mempool/api.ts";
import { byArrival } from "../mempool/order.ts";
import { inLine } from "./line.ts";

const entry = (sender: number, nonce: number, arrival: number): PooledTransaction => ({
  hash: numberToHex(sender * 100 + nonce, { size: 32 }),
  raw: "0x",
  sender: numberToHex(sender, { size: 20 }),
  transaction: { type: 2, nonce: BigInt(nonce) } as SignedTransaction,
  size: 1,
  arrival,
  addedAt: 0,
  cost: 0n,
});
const name = ({ sender, transaction }: PooledTransaction): string => `${Number(sender)}/${transaction.nonce}`;
/** Names in line; `receipts`: names in order of sequence. */
const line = (pool: readonly PooledTransaction[], receipts: readonly string[]): readonly string[] => {
  const sequences = new Map(receipts.map((of, index) => [of, BigInt(index + 1)]));
  return [
    ...inLine(byArrival(Map.groupBy(pool, ({ sender }) => sender).values()), (item) => sequences.get(name(item))),
  ].map(name);
};

test("without receipts the line is that of arrival", () => {
  const pool = [entry(1, 0, 3), entry(2, 0, 1), entry(1, 1, 2), entry(3, 0, 4)];
  assert.deepEqual(line(pool, []), ["2/0", "1/0", "1/1", "3/0"]);
});

test("a transaction that gets its receipt late moves behind those with earlier ones, and no further", () => {
  const pool = [entry(1, 0, 1), entry(2, 0, 2), entry(3, 0, 3), entry(4, 0, 4)];
  assert.deepEqual(line(pool, ["2/0", "3/0", "1/0"]), ["2/0", "3/0", "1/0", "4/0"]);
});

test("what must go before a transaction with a receipt takes its place", () => {
  const pool = [entry(1, 0, 9), entry(1, 1, 2), entry(2, 0, 3)];
  assert.deepEqual(line(pool, ["1/1", "2/0"]), ["1/0", "1/1", "2/0"]);
});

test("whatever the pool: nonces of a sender ascend, sequences ascend, nothing is lost", () => {
  const pools = fc
    .uniqueArray(fc.nat({ max: 200 }), { minLength: 1, maxLength: 24 })
    .map((arrivals) => arrivals.map((arrival, index) => entry(index % 5, Math.floor(index / 5), arrival)));
  fc.assert(
    fc.property(pools, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.nat()), (pool, has, shuffle) => {
      const keys = shuffle[Symbol.iterator]();
      const chosen = pool
        .filter(() => has.next().value === true)
        .map((item) => ({ item, key: keys.next().value ?? 0 }));
      // As receipts are given: of one sender, only for rising nonces.
      const receipts = chosen
        .toSorted((a, b) => a.key - b.key)
        .map(({ item }) => item)
        .filter(
          (item, at, all) =>
            !all
              .slice(0, at)
              .some((other) => other.sender === item.sender && other.transaction.nonce > item.transaction.nonce),
        )
        .map(name);
      const found = line(pool, receipts);
      assert.deepEqual(found.toSorted(), pool.map(name).toSorted());
      assert.deepEqual(
        found.filter((of) => receipts.includes(of)),
        receipts,
      );
      for (const sender of [0, 1, 2, 3, 4]) {
        const own = found.filter((of) => of.startsWith(`${sender}/`));
        assert.deepEqual(own, own.toSorted());
      }
    }),
  );
});
