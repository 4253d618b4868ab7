import type { PooledTransaction } from "../mempool/api.ts";
import { byArrival } from "../mempool/order.ts";

/** Room between two arrivals for transactions that were moved behind one of them. */
const step = 2 ** -20;

/**
 * The pool's transactions in the order of a block: by arrival, but those with receipts by sequence, and none before the earlier
 * nonces of its sender. A transaction whose receipt has a higher sequence than one that arrived after it moves back behind that
 * one; what must go before a transaction with a receipt moves forward with it.
 */
export function inLine(
  pending: Iterable<PooledTransaction>,
  sequenceOf: (transaction: PooledTransaction) => bigint | undefined,
): Iterable<PooledTransaction> {
  const runs = Map.groupBy(pending, ({ sender }) => sender);
  const placed = places([...runs.values()].flat(), sequenceOf);
  if (placed.size === 0) return byArrival(runs.values());
  return byArrival([...runs.values()].map((run) => rearranged(run, placed)));
}

/** Where transactions with receipts stand: as they arrived, but ascending with their sequences. */
function places(
  transactions: readonly PooledTransaction[],
  sequenceOf: (transaction: PooledTransaction) => bigint | undefined,
): ReadonlyMap<PooledTransaction, number> {
  const found: { readonly transaction: PooledTransaction; readonly sequence: bigint }[] = [];
  for (const transaction of transactions) {
    const sequence = sequenceOf(transaction);
    if (sequence !== undefined) found.push({ transaction, sequence });
  }
  found.sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  let last = -Infinity;
  return new Map(
    found.map(({ transaction }) => {
      last = Math.max(transaction.arrival, last + step);
      return [transaction, last] as const;
    }),
  );
}

/** One sender's run with the arrivals that the line wants. */
function rearranged(
  run: readonly PooledTransaction[],
  placed: ReadonlyMap<PooledTransaction, number>,
): readonly PooledTransaction[] {
  const result: PooledTransaction[] = [];
  let wanted = Infinity;
  for (const transaction of run.toReversed()) {
    const own = placed.get(transaction);
    wanted = Math.min(wanted, own ?? Infinity);
    const arrival = Math.min(own ?? transaction.arrival, wanted);
    result.push(arrival === transaction.arrival ? transaction : { ...transaction, arrival });
  }
  return result.toReversed();
}
