import type { Clock } from "@metis/runtime";
import type { TimeoutKind } from "../../bft/forms.ts";

export interface EmbeddedTimeouts {
  /** Milliseconds for the first round of each kind; every later round adds `perRound`. */
  readonly propose: number;
  readonly prevote: number;
  readonly precommit: number;
  readonly rebroadcast: number;
  readonly perRound: number;
  /** Between announcements of the own height. */
  readonly status: number;
  /** Wait after a failed call of the application. */
  readonly retry: number;
}

export const defaultTimeouts: EmbeddedTimeouts = {
  propose: 300,
  prevote: 150,
  precommit: 150,
  rebroadcast: 1000,
  perRound: 100,
  status: 500,
  retry: 500,
};

/** The core's timeouts on the injected clock: at most one of a kind and round. */
export class RoundTimers {
  readonly #clock: Clock;
  readonly #timeouts: EmbeddedTimeouts;
  readonly #running = new Map<string, () => void>();

  constructor(clock: Clock, timeouts: EmbeddedTimeouts) {
    this.#clock = clock;
    this.#timeouts = timeouts;
  }

  /** `elapsed` is called unless the timer was cancelled; it must ask `take` whether it still counts. */
  set(kind: TimeoutKind, round: number, elapsed: () => void): void {
    this.cancel(kind, round);
    const base = kind === "finalizeHeight" ? 0 : this.#timeouts[kind];
    this.#running.set(`${kind}/${round}`, this.#clock.after(base + round * this.#timeouts.perRound, elapsed));
  }

  /** True once for a timer that elapsed and was not cancelled in between. */
  take(kind: TimeoutKind, round: number): boolean {
    return this.#running.delete(`${kind}/${round}`);
  }

  cancel(kind: TimeoutKind, round: number): void {
    this.#running.get(`${kind}/${round}`)?.();
    this.#running.delete(`${kind}/${round}`);
  }

  cancelAll(): void {
    for (const cancel of this.#running.values()) cancel();
    this.#running.clear();
  }
}
