import type { PooledTransaction } from "./api.ts";

/** One sender's transactions by rising nonce, and how far they are taken. */
interface Run {
  readonly transactions: readonly PooledTransaction[];
  next: number;
}

const arrivalOf = (run: Run): number => run.transactions[run.next]?.arrival ?? Infinity;

/**
 * Merges runs into one sequence: always the transaction that arrived first among those whose predecessors of the same
 * sender are out. O(log senders) a transaction.
 */
export function* byArrival(runs: Iterable<readonly PooledTransaction[]>): Generator<PooledTransaction> {
  const heap: Run[] = [];
  for (const transactions of runs) if (transactions.length > 0) heap.push({ transactions, next: 0 });
  for (let i = (heap.length >>> 1) - 1; i >= 0; i--) sink(heap, i);
  for (let top = heap[0]; top; top = heap[0]) {
    const transaction = top.transactions[top.next++];
    if (transaction) yield transaction;
    if (top.next >= top.transactions.length) {
      const last = heap.pop();
      if (last && last !== top) heap[0] = last;
    }
    sink(heap, 0);
  }
}

/** Moves the run at `index` down until no child arrived before it. */
function sink(heap: Run[], index: number): void {
  const moving = heap[index];
  if (!moving) return;
  const arrival = arrivalOf(moving);
  let at = index;
  for (;;) {
    let child = 2 * at + 1;
    const left = heap[child];
    const right = heap[child + 1];
    if (!left) break;
    let smaller = left;
    if (right && arrivalOf(right) < arrivalOf(left)) {
      smaller = right;
      child++;
    }
    if (arrivalOf(smaller) >= arrival) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = moving;
}
