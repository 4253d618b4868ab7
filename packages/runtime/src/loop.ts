import { remedyOf } from "@metis/protocol";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { BaseService } from "./service.ts";

export interface LoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds from the end of a pass to the next; `wake` cuts it short. */
  readonly intervalMs: number;
  /** One pass. Returning `"again"` asks for the next one at once. */
  readonly pass: (signal: AbortSignal) => Promise<"again" | void>;
  /** Called after a pass failed with remedy `reset`; the loop goes on when it returns. Without it, reset is halt. */
  readonly onReset?: (error: unknown, signal: AbortSignal) => Promise<void>;
  /** Called once when the loop ends by itself. */
  readonly onHalt?: (error: unknown) => void;
  /** First wait after a failed pass, doubled up to `maxBackoffMs`. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

/** Runs passes one after the other until it is stopped: waits on `retry`, recovers on `reset`, ends on `halt`. */
export class RunningLoop extends BaseService {
  readonly #options: LoopOptions;
  #running: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  #wanted = false;
  #failures = 0;

  constructor(options: LoopOptions) {
    super(options.name);
    this.#options = options;
  }

  /** Asks for a pass now; during a pass, for another one right after it. */
  wake(): void {
    this.#wanted = true;
    this.#wake?.();
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    this.#running = this.#run(signal);
  }

  protected async onStop(): Promise<void> {
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wanted = false;
      let waitMs: number | undefined;
      try {
        waitMs = (await this.#options.pass(signal)) === "again" ? 0 : this.#options.intervalMs;
        this.#succeeded();
      } catch (error) {
        waitMs = await this.#failed(error, signal);
      }
      if (waitMs === undefined) return;
      if (waitMs > 0 && !this.#wanted) await this.#wait(waitMs, signal);
      else await new Promise(setImmediate);
    }
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#options.clock.after(ms, done);
      this.#wake = done;
      signal.addEventListener("abort", done, { once: true });
      if (signal.aborted) done();
    });
  }

  #succeeded(): void {
    if (this.#failures > 0) this.#options.logger.info("recovered", { after: this.#failures });
    this.#failures = 0;
    this.report({ status: "ok" });
  }

  /** Milliseconds to wait before the next pass; nothing when there is none. */
  async #failed(error: unknown, signal: AbortSignal): Promise<number | undefined> {
    if (signal.aborted) return undefined;
    const { logger, onReset, onHalt } = this.#options;
    const detail = error instanceof Error ? error.message : String(error);
    const remedy = remedyOf(error);
    if (remedy === "retry") {
      const waitMs = this.#backoff();
      logger.warn("pass failed, trying again", { error, waitMs, failures: this.#failures });
      this.report({ status: "degraded", detail });
      return waitMs;
    }
    if (remedy === "reset" && onReset) {
      logger.warn("pass failed, resetting", { error });
      try {
        await onReset(error, signal);
        return this.#backoff();
      } catch (resetError) {
        if (remedyOf(resetError) === "retry") return this.#backoff();
        return this.#halt(resetError, onHalt);
      }
    }
    return this.#halt(error, onHalt);
  }

  #halt(error: unknown, onHalt: ((error: unknown) => void) | undefined): undefined {
    this.#options.logger.error("stopped: going on would do harm", { error });
    this.report({ status: "failed", detail: error instanceof Error ? error.message : String(error) });
    onHalt?.(error);
  }

  #backoff(): number {
    const { minBackoffMs = 250, maxBackoffMs = 15_000 } = this.#options;
    return Math.min(minBackoffMs * 2 ** Math.min(this.#failures++, 20), maxBackoffMs);
  }
}
