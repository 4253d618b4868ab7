import type { Generation } from "@metis/protocol";
import type { GaugeMetric, Logger, Metrics } from "@metis/runtime";
import type { Divergence } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";

/** Why no block is made or signed at present. */
export type SigningState =
  | { readonly may: true; readonly generation: Generation }
  | { readonly may: false; readonly reason: string };

/**
 * Whether and in which generation this node signs. A divergence stops signing until L1's generation rises above the one it
 * happened in; a raise counts once derivation, or whoever follows handovers, has taken it over, which waits until it is l1Depth deep.
 */
export class SigningStatus {
  readonly #chain: ChainStore;
  readonly #logger: Logger;
  readonly #gauge: GaugeMetric;
  readonly #listeners = new Set<(divergence: Divergence) => void>();
  readonly #generationListeners = new Set<(generation: Generation) => void>();
  /** Of the last derived batch. */
  #derived: Generation;
  /** Of the last handover that is deep enough; 0 without one. */
  #handedOver: Generation = 0;
  readonly #pending = new Map<string, string>();

  constructor(chain: ChainStore, logger: Logger, metrics: Metrics) {
    this.#chain = chain;
    this.#logger = logger;
    this.#gauge = metrics.gauge("divergence", "1 while L1 contradicts what was signed here and signing stands still");
    this.#derived = chain.lastDerived()?.header.generation ?? 0;
    this.#publish();
  }

  get generation(): Generation {
    return Math.max(this.#derived, this.#handedOver);
  }

  /** The divergence that stops signing, if any. */
  get divergence(): Divergence | undefined {
    const { halted } = this.#chain.marks();
    return halted && halted.generation >= this.generation ? halted : undefined;
  }

  /** Whether L1 went past `generation`: nothing of it may be added to the chain here. */
  isOver(generation: Generation): boolean {
    const { left } = this.#chain.marks();
    return generation < this.generation || (left !== undefined && generation <= left);
  }

  state(): SigningState {
    const { divergence } = this;
    if (divergence) return { may: false, reason: divergence.message };
    const { generation } = this;
    if (this.isOver(generation))
      return { may: false, reason: `generation ${generation} is over: L1 dropped its last blocks` };
    const [reason] = this.#pending.values();
    return reason === undefined ? { may: true, generation } : { may: false, reason };
  }

  /** Derivation took over a batch of `generation`. */
  adopt(generation: Generation): void {
    if (generation > this.#derived) this.#change(() => (this.#derived = generation));
  }

  /** The last handover on L1 that counts began `generation`; 0: there is none, or L1 took it back. */
  handOver(generation: Generation): void {
    if (generation !== this.#handedOver) this.#change(() => (this.#handedOver = generation));
  }

  /**
   * L1 drops blocks of `generation`, the next one replaces them: nothing more of it is made, voted for, committed or signed here.
   * Durable, and to be called before the blocks are taken back: what the pool signed at their numbers must not be signed again.
   */
  async leave(generation: Generation): Promise<void> {
    if ((this.#chain.marks().left ?? -1) < generation) await this.#chain.setMarks({ left: generation });
  }

  /** Derivation fell back to a batch of `generation`: L1 may have taken a raise back. */
  retreat(generation: Generation): void {
    if (generation !== this.#derived) this.#change(() => (this.#derived = generation));
  }

  /** Holds signing while something is not settled; `undefined` lets it go on. Who holds for a reason of their own names it by `by`. */
  hold(reason: string | undefined, by = "derivation"): void {
    if (reason !== undefined && !this.#pending.has(by)) this.#logger.info("signing waits", { reason });
    if (reason === undefined) this.#pending.delete(by);
    else this.#pending.set(by, reason);
  }

  #change(change: () => void): void {
    const before = this.generation;
    const wasHalted = this.divergence !== undefined;
    change();
    const { generation } = this;
    if (generation === before) return;
    if (generation > before) this.#logger.info("the generation rose", { generation, signingGoesOn: wasHalted });
    this.#publish();
    for (const listener of this.#generationListeners) listener(generation);
  }

  /** Stops signing in the divergence's generation, durably, and tells everybody. */
  async halt(divergence: Divergence): Promise<void> {
    // The first one in a generation is the cause; what follows from it is only said.
    if (!this.divergence) await this.#chain.setMarks({ halted: divergence });
    this.#logger.error("divergence: signing stops in this generation; `metis escape` raises it", { ...divergence });
    this.#publish();
    for (const listener of this.#listeners) listener(divergence);
  }

  /** Calls back at each divergence. Returns what ends it. */
  onDivergence(listener: (divergence: Divergence) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back after each change of the generation. Returns what ends it. */
  onGeneration(listener: (generation: Generation) => void): () => void {
    this.#generationListeners.add(listener);
    return () => this.#generationListeners.delete(listener);
  }

  #publish(): void {
    this.#gauge.set(this.divergence ? 1 : 0);
  }
}
