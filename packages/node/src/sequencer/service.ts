import type { ConsensusEngine } from "@metis/committee";
import type { Mvm, MvmReader } from "@metis/mvm";
import type { ChainConfig } from "@metis/protocol";
import { BaseService, Spaced } from "@metis/runtime";
import type { Clock, Health, Logger } from "@metis/runtime";
import type { ChainHeads } from "../heads/heads.ts";
import type { ChainStore } from "../heads/store.ts";
import type { Mempool } from "../mempool/api.ts";
import type { BlockAttestor } from "./attestor.ts";
import { readOpenBatch } from "./batch.ts";
import type { BlockMaker } from "./maker.ts";
import type { SigningStatus } from "./status.ts";

export interface SequencerOptions {
  readonly config: ChainConfig;
  readonly mvm: Pick<Mvm, "head"> & { readonly reader: Pick<MvmReader, "block"> };
  readonly engine: ConsensusEngine;
  readonly maker: BlockMaker;
  readonly attestor: BlockAttestor;
  readonly status: SigningStatus;
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  /** Tells when L1 went on and what a block needs of it is at hand. */
  readonly anchors: { subscribe(listener: () => void): () => void };
  readonly mempool: Pick<Mempool, "subscribe">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Why the pool can sign nothing at present, or nothing. */
  readonly trouble: () => string | undefined;
  /** Throws when L1 expects other signers. */
  readonly checkSet: () => Promise<void>;
}

/** Transactions that come within so many milliseconds of a look for a due block wait for the next one together. */
const gatherMs = 20;

/** Wakes the engine whenever a block may be due, and finishes what a crash left between commit and signature. */
export class Sequencer extends BaseService {
  readonly #options: SequencerOptions;
  #unsubscribe: (() => void)[] = [];
  #cancelTimer: () => void = () => undefined;
  #cancelEarly: () => void = () => undefined;
  /** A look for a due block when transactions came: a busy pool takes hundreds a second. */
  readonly #look: Spaced;
  #trouble: string | undefined;

  constructor(options: SequencerOptions) {
    super("sequencer");
    this.#options = options;
    this.#look = new Spaced(options.clock, gatherMs, () => options.engine.wake());
  }

  override health(): Health {
    const own = super.health();
    if (own.status !== "ok") return own;
    const { engine, status, trouble } = this.#options;
    const deciding = engine.health();
    if (deciding.status === "failed") return deciding;
    const state = status.state();
    const detail = state.may ? (trouble() ?? deciding.detail) : state.reason;
    return detail === undefined ? own : { status: "degraded", detail };
  }

  protected async onStart(): Promise<void> {
    const { engine, anchors, mempool, checkSet, attestor, heads, status } = this.#options;
    await checkSet();
    attestor.start();
    await this.#recover();
    const wake = (): void => engine.wake();
    this.#unsubscribe = [
      anchors.subscribe(wake),
      heads.subscribe(({ safe }) => this.#inBackground(attestor.settled(safe.number))),
      status.onGeneration(() => {
        this.#inBackground(attestor.reset());
        wake();
      }),
      mempool.subscribe(({ kind }) => {
        if (kind === "pending") this.#look.ask();
      }),
    ];
    await engine.start();
    this.#tick();
  }

  protected async onStop(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    this.#cancelTimer();
    this.#cancelEarly();
    this.#look.cancel();
    await this.#options.engine.stop();
    await this.#options.attestor.stop();
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.logger.error("attestations are out of step", { error }));
  }

  /** Runs `change` of the chain while no block is made; the maker looks at the head anew afterwards. */
  async exclusively<T>(change: () => Promise<T>): Promise<T> {
    const { engine, maker, attestor } = this.#options;
    await engine.pause();
    try {
      return await attestor.exclusively(change);
    } finally {
      maker.reset();
      engine.resume();
      engine.wake();
    }
  }

  /** Blocks committed and not certified are decided: their attestations are due. */
  async #recover(): Promise<void> {
    const { mvm, chain, attestor, heads, config, status, logger } = this.#options;
    const head = mvm.head();
    const signed = chain.marks().signed?.number ?? 0n;
    const { safe } = heads.heads();
    if (!status.state().may) return;
    for (let number = (signed > safe.number ? signed : safe.number) + 1n; number <= head.number; number++) {
      const { epoch } = await readOpenBatch(config, mvm.reader, number - 1n);
      await attestor.attest(number, epoch);
      logger.info("attested a block that was committed before the restart", { number });
    }
  }

  /** Says once that the pool halts, and once that it goes on. */
  #tellTrouble(): void {
    const { trouble, logger } = this.#options;
    const now = trouble();
    if ((now === undefined) === (this.#trouble === undefined)) return;
    this.#trouble = now;
    if (now === undefined) logger.info("the pool goes on: enough members are there again");
    else logger.warn(now);
  }

  /** Time alone makes blocks due: heartbeats, and transactions that came within the block time. */
  #tick(): void {
    const { clock, engine, maker } = this.#options;
    const sinceSecond = clock.now() % 1000;
    if (maker.leadMs > 0) this.#cancelEarly = clock.after(1000 - sinceSecond - maker.leadMs, () => engine.wake());
    this.#cancelTimer = clock.after(1000 - sinceSecond, () => {
      engine.wake();
      this.#tellTrouble();
      if (!this.signal.aborted) this.#tick();
    });
  }
}
