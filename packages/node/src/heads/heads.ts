import type { BlockRef } from "@metis/mvm";
import type { GaugeMetric, Metrics } from "@metis/runtime";
import type { HeadView, Heads } from "../rpc/heads.ts";

/** The heads of the chain as this node sees them; tells subscribers after each change. */
export class ChainHeads implements HeadView {
  #heads: Heads;
  readonly #listeners = new Set<(heads: Heads) => void>();
  readonly #gauge: GaugeMetric;

  constructor(initial: Heads, metrics: Metrics) {
    this.#heads = initial;
    this.#gauge = metrics.gauge("l2_head", "Height of an L2 head", ["head"]);
    this.#publish();
  }

  heads(): Heads {
    return this.#heads;
  }

  subscribe(listener: (heads: Heads) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Moves some heads at once, so that nobody sees signed above unsafe or safe above signed. */
  update(change: Partial<Heads>): void {
    const next = { ...this.#heads, ...change };
    if (keys.every((key) => next[key].hash === this.#heads[key].hash)) return;
    this.#heads = next;
    this.#publish();
    for (const listener of this.#listeners) listener(next);
  }

  #publish(): void {
    for (const key of keys) this.#gauge.set(Number(this.#heads[key].number), { head: key });
  }
}

const keys = ["unsafe", "signed", "safe", "finalized"] as const;

/** The lower of two heads. */
export const lower = (a: BlockRef, b: BlockRef): BlockRef => (a.number <= b.number ? a : b);
