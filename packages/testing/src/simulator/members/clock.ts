import { sleepWith, type Clock } from "@metis/runtime";
import { Schedule } from "../schedule.ts";

/** Lets every promise chain that is ready run to its next real wait. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Simulated time: a heap of what is to happen, so that thousands of messages under way cost little. */
export class SimulatedClock implements Clock {
  readonly #schedule = new Schedule();
  readonly #start: number;

  constructor(startMs: number) {
    this.#start = startMs;
  }

  now(): number {
    return this.#start + this.#schedule.now;
  }

  /** Milliseconds since the simulation began. */
  monotonic(): number {
    return this.#schedule.now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepWith(this, ms, signal);
  }

  after(ms: number, callback: () => void): () => void {
    let waits = true;
    this.#schedule.at(ms, () => {
      if (!waits) return undefined;
      waits = false;
      callback();
      return settle();
    });
    return () => (waits = false);
  }

  /** Moves time on by `ms`: what falls due happens in order, each to the end of the promise chains that it sets off. */
  async advance(ms: number): Promise<void> {
    const arrival = { passed: false };
    this.#schedule.at(ms, () => (arrival.passed = true));
    await settle();
    while (!arrival.passed) await this.#schedule.take();
  }
}

/** One process's view of `clock`: its timers die with it, and its wall clock is `skewMs` off. */
export function processClock(clock: Clock, skewMs: number, isAlive: () => boolean): Clock {
  const view: Clock = {
    now: () => clock.now() + skewMs,
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => sleepWith(view, ms, signal),
    after: (ms, callback) =>
      clock.after(ms, () => {
        if (isAlive()) callback();
      }),
  };
  return view;
}
