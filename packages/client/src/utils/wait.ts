import { ClientError } from "../errors.ts";

/** What every waiting action takes. */
export interface WaitOptions {
  /** Milliseconds between two looks. Default: the client's. */
  readonly pollingInterval?: number;
  /** Ends the wait with `stopped-waiting`; for a time limit: `AbortSignal.timeout(ms)`. */
  readonly signal?: AbortSignal;
}

/** Looks again and again until `look` has an answer. Throws what it throws, and `stopped-waiting` on abort. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { pollingInterval = 1_000, signal }: WaitOptions,
): Promise<T> {
  for (;;) {
    if (signal?.aborted)
      throw new ClientError("stopped-waiting", `stopped waiting for ${what}`, {}, { remedy: "retry" });
    const found = await look();
    if (found !== undefined) return found;
    await pause(pollingInterval, signal);
  }
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
