/** Bytes and number of messages that may wait. */
const maxWaitingBytes = 16 * 1024 * 1024;
const maxWaiting = 4096;

/** Tasks one after the other, until it is ended; can be made to stand still between two of them. */
export class Tasks {
  readonly #onFailure: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  #ended = false;
  #waiting = 0;
  #waitingBytes = 0;
  #pauses = 0;
  #paused: Promise<void> = Promise.resolve();
  #resume: (() => void) | undefined;

  /** `onFailure` is told of every task that failed; the next one runs all the same. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when everything added before is done. */
  get settled(): Promise<void> {
    return this.#last;
  }

  add(task: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      if (!this.#ended) await task();
    };
    this.#last = this.#last.then(run).catch(this.#onFailure);
  }

  /** Adds a task about a message of `bytes` bytes; false when too much waits already, and the message is dropped. */
  offer(bytes: number, task: () => Promise<void>): boolean {
    if (this.#waiting >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes) return false;
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    this.add(() => {
      this.#waiting -= 1;
      this.#waitingBytes -= bytes;
      return task();
    });
    return true;
  }

  /** Everything added before is done first; then nothing is until as many `resume` as `pause`. */
  pause(): Promise<void> {
    this.#pauses += 1;
    if (this.#pauses === 1) {
      const resumed = new Promise<void>((resolve) => (this.#resume = resolve));
      this.#paused = this.#last;
      this.#last = this.#last.then(() => (this.#ended ? undefined : resumed));
    }
    return this.#paused;
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#resume?.();
  }

  /** What waits is dropped, and nothing more is taken. */
  end(): void {
    this.#ended = true;
    this.#resume?.();
  }
}
