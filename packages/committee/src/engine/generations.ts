import { MetisError } from "@metis/protocol";
import type { Generation } from "@metis/protocol";
import type { Clock, Health, Logger } from "@metis/runtime";
import type { ConsensusEngine } from "./port.ts";

export interface GenerationsOptions<E extends ConsensusEngine = ConsensusEngine> {
  /** The generation that L1 is in, as far as this node has derived it. */
  readonly generation: () => Generation;
  /** The engine of a generation, not started. May fail and is then asked again. */
  readonly make: (generation: Generation) => Promise<E>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Wait after an engine could not be made, milliseconds. */
  readonly retryMs?: number;
}

/**
 * One engine for each generation, one at a time: when the generation changes the running one ends, whatever it was doing, and
 * another begins (docs/spec/pool.md, "Engine and generations"). While it is paused nothing changes.
 */
export class GenerationalEngine<E extends ConsensusEngine = ConsensusEngine> implements ConsensusEngine {
  readonly name = "consensus";
  readonly #options: GenerationsOptions<E>;
  #current: { readonly generation: Generation; readonly engine: E } | undefined;
  #change: Promise<void> = Promise.resolve();
  #pauses = 0;
  #health: Health = { status: "idle" };
  #stopped = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: GenerationsOptions<E>) {
    this.#options = options;
  }

  /** The engine that runs, if any. */
  get engine(): E | undefined {
    return this.#current?.engine;
  }

  get height(): bigint {
    return this.#current?.engine.height ?? 0n;
  }

  /** Resolves when an engine runs, or could not be made yet. */
  async start(): Promise<void> {
    this.#health = { status: "ok" };
    this.wake();
    await this.#change;
  }

  async stop(): Promise<void> {
    if (this.#health.status !== "failed") this.#health = { status: "stopped" };
    this.#stopped = true;
    this.#cancelRetry?.();
    await this.#change;
    await this.#current?.engine.stop();
  }

  health(): Health {
    const inner = this.#current?.engine.health();
    return inner !== undefined && (this.#health.status === "ok" || inner.status === "failed") ? inner : this.#health;
  }

  wake(): void {
    if (this.#current?.generation === this.#options.generation()) this.#current.engine.wake();
    else this.#change = this.#change.then(() => this.#follow());
  }

  async pause(): Promise<void> {
    this.#pauses += 1;
    await this.#change;
    await this.#current?.engine.pause();
  }

  resume(): void {
    this.#pauses -= 1;
    this.#current?.engine.resume();
    this.wake();
  }

  async #follow(): Promise<void> {
    const generation = this.#options.generation();
    if (this.#pauses > 0 || this.#stopped || this.#health.status === "idle") return;
    if (this.#current?.generation === generation) return;
    try {
      const engine = await this.#options.make(generation);
      await this.#current?.engine.stop();
      this.#options.logger.info("an engine begins", { generation, height: engine.height });
      await engine.start();
      this.#current = { generation, engine };
      this.#health = { status: "ok" };
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { clock, logger, retryMs = 500 } = this.#options;
    const detail = error instanceof Error ? error.message : String(error);
    if (error instanceof MetisError && error.remedy === "halt") {
      logger.error("stopped: going on would do harm", { error });
      this.#health = { status: "failed", detail };
      return;
    }
    logger.warn("no engine for this generation yet", { error });
    this.#health = { status: "degraded", detail };
    this.#cancelRetry?.();
    this.#cancelRetry = clock.after(retryMs, () => this.wake());
  }
}
