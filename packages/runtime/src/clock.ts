/** Time as the services see it. Injected everywhere, so that a simulation owns it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that never run backwards; only differences mean something. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (never rejects: look at the signal). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** Milliseconds since 1970 as they were at the call, counted on by what never jumps: for ages that are kept beyond this process. */
export function steadyTime(clock: Pick<Clock, "now" | "monotonic">): () => number {
  const began = clock.now() - clock.monotonic();
  return () => began + clock.monotonic();
}

/** Longest delay a Node timer takes; longer ones would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** `Clock.sleep` of a clock that has `after`. */
export const sleepWith = (clock: Pick<Clock, "after">, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });

/** The machine's clock. */
export function systemClock(): Clock {
  const clock: Clock = {
    now: wallClockMs,
    monotonic: () => performance.now(),
    sleep: (ms, signal) => sleepWith(clock, ms, signal),
    after(ms, callback) {
      const timer = setTimeout(callback, Math.min(Math.max(ms, 0), maxTimerMs));
      return () => clearTimeout(timer);
    },
  };
  return clock;
}

// oxlint-disable-next-line no-restricted-globals -- the one place that reads the wall clock
const wallClockMs = (): number => Date.now();

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #now: number;
  #ahead = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = 1_700_000_000_000) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now + this.#ahead;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Somebody sets the wall clock: by so many milliseconds, back when negative. */
  jump(ms: number): void {
    this.#ahead += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepWith(this, ms, signal);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.#now + Math.max(ms, 0), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on by `ms`, fires what falls due in order, and lets promise chains run after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#earliest(end);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = next.due;
      next.callback();
    }
    this.#now = end;
    await settle();
  }

  #earliest(end: number): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > end) continue;
      if (!best || timer.due < best.due || (timer.due === best.due && timer.order < best.order)) best = timer;
    }
    return best;
  }
}

/** Lets every promise chain that is ready run to its next real wait. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
