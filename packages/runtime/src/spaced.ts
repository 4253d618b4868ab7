import type { Clock } from "./clock.ts";

/** What many ask for and need not have each for itself: runs at once after a pause, else a while after it ran last, for all who asked. */
export class Spaced {
  readonly #clock: Pick<Clock, "after" | "monotonic">;
  readonly #everyMs: number;
  readonly #action: () => void;
  #ranAt = -Infinity;
  #cancel: (() => void) | undefined;

  /** `everyMs`: least time between two runs of `action`. */
  constructor(clock: Pick<Clock, "after" | "monotonic">, everyMs: number, action: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#action = action;
  }

  /** There is one more reason to run: on a later turn of the event loop. */
  ask(): void {
    this.#cancel ??= this.#clock.after(Math.max(0, this.#ranAt + this.#everyMs - this.#clock.monotonic()), () => {
      this.#cancel = undefined;
      this.#ranAt = this.#clock.monotonic();
      this.#action();
    });
  }

  /** Calls off the run that is to come. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
