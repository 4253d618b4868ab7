import type { L1BlockNumber } from "@metis/protocol";
import { RollupError } from "../errors.ts";
import type { L1Ref, L1Source } from "./l1Source.ts";

/** L1 blocks to be read next: `from` up to and with `to`. */
export interface L1Range {
  readonly from: L1BlockNumber;
  readonly to: L1Ref;
}

const defaultRange = 1_000n;

/** First stage: walks L1 from a known block to the head, and notices when the ground was replaced. */
export class L1Traversal {
  readonly #source: Pick<L1Source, "block">;
  readonly #maxRange: bigint;
  #read: L1Ref;

  /** `start` counts as read. */
  constructor(source: Pick<L1Source, "block">, start: L1Ref, maxRange = defaultRange) {
    this.#source = source;
    this.#read = start;
    this.#maxRange = maxRange;
  }

  /** Last block read. */
  get read(): L1Ref {
    return this.#read;
  }

  /** Starts over after `at`. */
  reset(at: L1Ref): void {
    this.#read = at;
  }

  /** The range to read next, or nothing at the head. */
  async next(head: L1Ref): Promise<L1Range | undefined> {
    const { number } = this.#read;
    if (number >= head.number) {
      if (number === head.number && this.#read.hash !== head.hash) throw reorged(this.#read);
      return undefined;
    }
    const last = number + this.#maxRange;
    const to = last < head.number ? await this.#source.block(last) : head;
    if (to === undefined) throw reorged(head);
    return { from: number + 1n, to };
  }

  /**
   * Takes a range as read. Throws `RollupError` "l1-reorg" (reset) unless both its ends still stand, so that what was
   * fetched in between is of one chain.
   */
  async advance(range: L1Range): Promise<void> {
    await this.assertCanonical(this.#read);
    await this.assertCanonical(range.to);
    this.#read = range.to;
  }

  /** Throws `RollupError` "l1-reorg" (reset) when L1 has another block there, or none. */
  async assertCanonical(block: L1Ref): Promise<void> {
    if ((await this.#source.block(block.number))?.hash !== block.hash) throw reorged(block);
  }
}

const reorged = ({ number, hash }: L1Ref): RollupError =>
  new RollupError("l1-reorg", "reset", `L1 block ${number} (${hash}) is not there any more`, { number, hash });
