import { RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service } from "@metis/runtime";
import { whenL1Answers } from "./errors.ts";

export interface L1ServiceOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Looks at L1 again and again, when something happens and else after `intervalMs`, and sends what is due. */
export abstract class L1Service implements Service {
  readonly name: string;
  readonly #loop: RunningLoop;
  #release: readonly (() => void)[] = [];

  constructor(name: string, intervalMs: number, { clock, logger }: L1ServiceOptions) {
    this.name = name;
    const pass = whenL1Answers((signal) => this.pass(signal));
    this.#loop = new RunningLoop({ name, clock, logger, intervalMs, pass });
  }

  /** One look; while L1 does not answer it may simply throw. Returning `"again"` asks for the next one at once. */
  protected abstract pass(signal: AbortSignal): Promise<"again" | void>;

  /** Subscribes to what calls for a look; returns what ends that. */
  protected listen(): readonly (() => void)[] {
    return [];
  }

  start(): Promise<void> {
    this.#release = this.listen();
    return this.#loop.start();
  }

  stop(): Promise<void> {
    for (const release of this.#release) release();
    return this.#loop.stop();
  }

  health(): Health {
    return this.#loop.health();
  }

  /** There may be something to do. */
  wake(): void {
    this.#loop.wake();
  }
}
