import type { L1Traversal } from "./l1Traversal.ts";
import type { L1Ref, L1Source, PostedBatch } from "./l1Source.ts";

/** Second stage: the inbox's batches one after the other, as L1 has them. */
export class BatchRetrieval<Batch extends PostedBatch> {
  readonly #source: Pick<L1Source<Batch>, "batches">;
  readonly #traversal: L1Traversal;
  #waiting: Batch[] = [];

  constructor(source: Pick<L1Source<Batch>, "batches">, traversal: L1Traversal) {
    this.#source = source;
    this.#traversal = traversal;
  }

  /** Starts over after `at`. */
  reset(at: L1Ref): void {
    this.#waiting = [];
    this.#traversal.reset(at);
  }

  /**
   * The first batch with an index of at least `index`, which stays first until a later index is asked for; nothing when
   * L1 is read up to `head`. Throws `RollupError` "l1-reorg" (reset).
   */
  async next(index: bigint, head: L1Ref): Promise<Batch | undefined> {
    for (;;) {
      const batch = this.#waiting[0];
      if (batch === undefined) {
        if (!(await this.#readMore(head))) return undefined;
      } else if (batch.header.batchIndex < index) this.#waiting.shift();
      else {
        await this.#traversal.assertCanonical({ number: batch.l1BlockNumber, hash: batch.l1BlockHash });
        return batch;
      }
    }
  }

  async #readMore(head: L1Ref): Promise<boolean> {
    const range = await this.#traversal.next(head);
    if (range === undefined) return false;
    const batches = await this.#source.batches(range.from, range.to.number);
    await this.#traversal.advance(range);
    this.#waiting.push(...batches);
    return true;
  }
}
