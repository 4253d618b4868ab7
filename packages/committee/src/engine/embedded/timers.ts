import type { Clock } from "@metis/runtime";
import type { TimeoutKind } from "../../bft/forms.ts";

export interface EmbeddedTimeouts {
  /** Milliseconds for the first round of each kind; every later round adds `perRound`. */
  readonly propose: number;
  /** Instead of `propose`, for a proposer that cannot be reached. */
  readonly unreachable: number;
  readonly prevote: number;
  readonly precommit: number;
  readonly rebroadcast: number;
  readonly perRound: number;
  /** Between announcements of the own height. */
  readonly status: number;
  /** Wait after a failed call of the application. */
  readonly retry: number;
}

/** Milliseconds, for members that reach each other within some tens. */
export const defaultTimeouts: EmbeddedTimeouts = {
  propose: 300,
  unreachable: 50,
  prevote: 150,
  precommit: 150,
  rebroadcast: 1000,
  perRound: 100,
  status: 500,
  retry: 500,
};

/** How timeouts follow what the machines can do: longer after a height that needed another round, slowly back after others. */
const growth = 1.5;
const decay = 0.95;
const maxStretch = 5;

/** The core's timeouts on the injected clock: at most one of a kind and round. */
export class RoundTimers {
  readonly #clock: Clock;
  readonly #timeouts: EmbeddedTimeouts;
  readonly #running = new Map<string, () => void>();
  #stretch = 1;

  constructor(clock: Clock, timeouts: EmbeddedTimeouts) {
    this.#clock = clock;
    this.#timeouts = timeouts;
  }

  /** A height is over. `wasLate`: a proposer that was there did not make it in time. */
  adapt(wasLate: boolean): void {
    this.#stretch = wasLate ? Math.min(this.#stretch * growth, maxStretch) : Math.max(this.#stretch * decay, 1);
  }

  /**
   * `elapsed` is called unless the timer was cancelled; it must ask `take` whether it still counts. `isReachable`: whether the
   * round's proposer is.
   */
  set(kind: TimeoutKind, round: number, isReachable: boolean, elapsed: () => void): void {
    this.cancel(kind, round);
    const ms = this.#base(kind, isReachable) + round * this.#timeouts.perRound;
    this.#running.set(`${kind}/${round}`, this.#clock.after(ms, elapsed));
  }

  #base(kind: TimeoutKind, isReachable: boolean): number {
    if (kind === "finalizeHeight") return 0;
    if (kind === "rebroadcast") return this.#timeouts.rebroadcast;
    return (kind === "propose" && !isReachable ? this.#timeouts.unreachable : this.#timeouts[kind]) * this.#stretch;
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
