import type { MvmReader } from "@metis/mvm";
import { batchHash } from "@metis/protocol";
import { RunningLoop } from "@metis/runtime";
import type { Clock, CounterMetric, GaugeMetric, Health, Logger, Metrics, Service } from "@metis/runtime";
import type { ChainHeads } from "../heads/heads.ts";
import type { CutBatch, DerivedBatch } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import { whenL1Answers } from "../l1/errors.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import type { BatchAssembler } from "./assemble.ts";
import type { BatchParent } from "./cut.ts";
import { BatcherError } from "./errors.ts";
import type { BatchPoster, PostOutcome } from "./poster.ts";

export interface BatcherOptions {
  readonly assembler: BatchAssembler;
  readonly poster: BatchPoster;
  readonly reader: MvmReader;
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  readonly status: SigningStatus;
  readonly watcher: L1Watcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pollMs: number;
}

/**
 * Cuts a batch at each batch end and gets it onto L1, one after the other. A batch is stored before it is posted, and what is
 * stored is posted again, byte for byte, after a restart or when L1 took it back. Where the inbox stands is derivation's word.
 */
export class Batcher implements Service {
  readonly name = "batcher";
  readonly #options: BatcherOptions;
  readonly #loop: RunningLoop;
  readonly #posted: CounterMetric;
  readonly #waiting: GaugeMetric;
  #unsubscribe: (() => void)[] = [];
  /** The batch last seen on L1, until derivation has taken it in. */
  #awaiting: string | undefined;
  #lastReason: string | undefined;

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#posted = options.metrics.counter("batches_posted", "Batches of this node that L1 took");
    this.#waiting = options.metrics.gauge("blocks_unposted", "Signed blocks that are not in a batch on L1");
    this.#loop = new RunningLoop({
      name: this.name,
      clock: options.clock,
      logger: options.logger,
      intervalMs: options.pollMs,
      pass: whenL1Answers((signal) => this.#pass(signal)),
    });
  }

  async start(): Promise<void> {
    const { heads, watcher } = this.#options;
    this.#unsubscribe = [
      heads.subscribe(() => this.#loop.wake()),
      watcher.subscribe(({ kind }) => {
        if (kind === "reorged") this.#awaiting = undefined;
        this.#loop.wake();
      }),
    ];
    await this.#loop.start();
  }

  stop(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    return this.#loop.stop();
  }

  health(): Health {
    return this.#loop.health();
  }

  async #pass(signal: AbortSignal): Promise<"again" | void> {
    const { chain, status, heads, poster } = this.#options;
    const { signed, safe } = heads.heads();
    this.#waiting.set(Number(signed.number - safe.number));
    const parent = chain.lastDerived();
    if (!parent || status.divergence || !status.state().may) return;
    const batch = await this.#next(parent);
    if (!batch || this.#awaiting === batchHash(batch.header)) return;
    return this.#settled(batch, await poster.post(batch, signal));
  }

  /** The stored batch on `parent`, or a new one once its blocks are there. */
  async #next(parent: DerivedBatch): Promise<CutBatch | undefined> {
    const { chain, assembler, heads } = this.#options;
    const stored = chain.cut(parent.header.batchIndex + 1n);
    if (stored?.header.parentHash === parent.batchHash) return stored;
    const batch = await assembler.assemble(parentOf(parent), heads.heads().signed.number);
    if (batch) await chain.putCut(batch);
    return batch;
  }

  #settled({ header }: CutBatch, outcome: PostOutcome): void {
    const { logger, watcher } = this.#options;
    if (outcome.kind === "posted") {
      this.#posted.inc();
      this.#awaiting = batchHash(header);
      this.#lastReason = undefined;
      watcher.poke();
      return;
    }
    const payload = { index: header.batchIndex, reason: outcome.reason };
    if (outcome.kind === "refused")
      throw new BatcherError(
        "refused",
        "retry",
        `the inbox refuses batch ${header.batchIndex}: ${outcome.reason}`,
        payload,
      );
    if (this.#lastReason !== outcome.reason) logger.info("the batch is not on L1 yet", payload);
    this.#lastReason = outcome.reason;
  }
}

const parentOf = (derived: DerivedBatch): BatchParent => ({
  header: derived.header,
  lastBlock: derived.lastBlock,
  outputRoot: derived.outputRoots.at(-1)!,
});
