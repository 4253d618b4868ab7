import type { Clock } from "@metis/runtime";

/** Wakes one who waits; a ring while nobody waits counts for the next wait. */
export class Bell {
  readonly #clock: Clock;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, after `ms`, or when `signal` aborts; true for a ring. */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#rung && !signal.aborted) {
      const waker = new AbortController();
      this.#wake = () => waker.abort();
      await this.#clock.sleep(ms, AbortSignal.any([signal, waker.signal]));
      this.#wake = undefined;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
