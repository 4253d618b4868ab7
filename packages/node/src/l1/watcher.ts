import type { ChainConfig, L1BlockNumber } from "@metis/protocol";
import { RunningLoop } from "@metis/runtime";
import type { Clock, GaugeMetric, Health, Logger, Metrics, Service } from "@metis/runtime";
import type { L1Client } from "./client.ts";
import { L1Error, whenL1Answers } from "./errors.ts";
import type { L1BlockRef } from "./header.ts";

/** L1 as last seen. */
export interface L1View {
  readonly head: L1BlockRef;
  readonly safe: L1BlockRef | undefined;
  readonly finalized: L1BlockRef | undefined;
}

export type L1Event =
  | { readonly kind: "advanced"; readonly view: L1View }
  /** Blocks above `ancestor` were replaced. `ancestor` is absent when the fork is older than the window. */
  | {
      readonly kind: "reorged";
      readonly view: L1View;
      readonly ancestor: L1BlockRef | undefined;
      readonly depth: bigint;
    };

export interface L1WatcherOptions {
  readonly l1: L1Client;
  readonly config: Pick<ChainConfig, "l1ChainId" | "l1Depth">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pollMs: number;
  /** Recent L1 blocks remembered to find the fork of a reorg. */
  readonly window?: number;
}

const defaultWindow = 256;
/** Milliseconds between two looks of somebody who waits. */
const lookMs = 25;

/** Follows L1's head, notices reorgs, and tells those who subscribed. */
export class L1Watcher implements Service {
  readonly name = "l1";
  readonly #options: L1WatcherOptions;
  readonly #window: bigint;
  readonly #loop: RunningLoop;
  readonly #listeners = new Set<(event: L1Event) => void>();
  readonly #recent = new Map<L1BlockNumber, L1BlockRef>();
  readonly #headGauge: GaugeMetric;
  readonly #stopping = new AbortController();
  #view: L1View | undefined;

  constructor(options: L1WatcherOptions) {
    this.#options = options;
    this.#window = BigInt(options.window ?? defaultWindow);
    this.#headGauge = options.metrics.gauge("l1_head", "Height of the L1 head as last seen");
    this.#loop = new RunningLoop({
      name: this.name,
      clock: options.clock,
      logger: options.logger,
      intervalMs: options.pollMs,
      maxBackoffMs: Math.max(options.pollMs, 2_000),
      pass: whenL1Answers(() => this.#pass()),
    });
  }

  /** Resolves when L1 answered once, so that `view` is there; waits for it as long as it takes. */
  async start(): Promise<void> {
    const { clock, pollMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted && !(await whenL1Answers(() => this.#firstView())(signal)))
      await clock.sleep(pollMs, signal);
    if (!signal.aborted) await this.#loop.start();
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#loop.stop();
  }

  health(): Health {
    if (!this.#options.l1.available) return { status: "degraded", detail: "L1 does not answer" };
    return this.#loop.health();
  }

  get view(): L1View {
    if (!this.#view) throw new L1Error("l1-unavailable", "retry", "L1 has not answered yet", {});
    return this.#view;
  }

  /** Highest L1 block that may be proposed as an anchor: l1Depth below the head. */
  usableAnchor(): L1BlockNumber {
    const depth = BigInt(this.#options.config.l1Depth);
    const { number } = this.view.head;
    return number > depth ? number - depth : 0n;
  }

  /** Looks at L1 at once, and again until `number` is usable as an anchor or `limitMs` are over. */
  async reach(number: L1BlockNumber, limitMs: number): Promise<void> {
    const { clock } = this.#options;
    const end = clock.monotonic() + limitMs;
    while (this.usableAnchor() < number && clock.monotonic() < end && !this.#stopping.signal.aborted) {
      this.poke();
      await clock.sleep(lookMs, this.#stopping.signal);
    }
  }

  /** Calls back after each change of the head. Returns what ends it. */
  subscribe(listener: (event: L1Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks for a look at L1 now. */
  poke(): void {
    this.#loop.wake();
  }

  async #firstView(): Promise<true> {
    const { l1, config } = this.#options;
    const chainId = await l1.chainId();
    if (chainId !== config.l1ChainId)
      throw new L1Error("l1-wrong-chain", "halt", `the L1 endpoint is of chain ${chainId}, not ${config.l1ChainId}`, {
        chainId,
      });
    await this.#pass();
    return true;
  }

  async #pass(): Promise<void> {
    const { l1 } = this.#options;
    const [head, safe, finalized] = await Promise.all([
      l1.block("latest"),
      l1.block("safe").catch(missing),
      l1.block("finalized").catch(missing),
    ]);
    if (!head) throw new L1Error("l1-block-unknown", "retry", "L1 has no latest block", {});
    const before = this.#view;
    const view = { head, safe, finalized };
    if (before?.head.hash === head.hash) {
      this.#view = view;
      if (before.finalized?.hash !== finalized?.hash) this.#tell({ kind: "advanced", view });
      return;
    }
    const ancestor = before ? await this.#commonAncestor(before.head, head) : head;
    this.#remember(head);
    this.#view = view;
    this.#headGauge.set(Number(head.number));
    if (!before || ancestor?.hash === before.head.hash) return this.#tell({ kind: "advanced", view });
    const depth = before.head.number - (ancestor?.number ?? before.head.number - this.#window);
    this.#options.logger.warn("L1 reorganised", { depth, ancestor: ancestor?.number ?? null, head: head.number });
    for (const number of this.#recent.keys())
      if (number > (ancestor?.number ?? -1n) && this.#recent.get(number)?.hash !== head.hash)
        this.#recent.delete(number);
    this.#tell({ kind: "reorged", view, ancestor, depth });
  }

  /** Highest block known that the new head builds on; nothing when that lies below the window. */
  async #commonAncestor(old: L1BlockRef, head: L1BlockRef): Promise<L1BlockRef | undefined> {
    if (head.parentHash === old.hash) return old;
    const { l1 } = this.#options;
    const lowest = old.number > this.#window ? old.number - this.#window : 0n;
    for (let number = head.number < old.number ? head.number : old.number; number >= lowest; number--) {
      const known = this.#recent.get(number);
      if (!known) continue;
      const now = number === head.number ? head : await l1.block(number);
      if (now?.hash === known.hash) return known;
    }
    return undefined;
  }

  #remember(head: L1BlockRef): void {
    this.#recent.set(head.number, head);
    for (const number of this.#recent.keys()) if (number + this.#window < head.number) this.#recent.delete(number);
  }

  #tell(event: L1Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Some endpoints refuse `safe` and `finalized` before there is one. */
const missing = (error: unknown): undefined => {
  if (error instanceof L1Error && error.code === "l1-refused") return undefined;
  throw error;
};
