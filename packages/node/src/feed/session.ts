import type { Clock } from "@metis/runtime";
import { Bell } from "./bell.ts";
import type { FeedSource } from "./source.ts";
import type { FeedBlock } from "./signedBlock.ts";

/** Blocks told and not looked at yet, at most: what comes beyond is asked for as a range. */
const maxWaiting = 16;

/** One subscription with what it has told. */
export class FeedSession {
  readonly #bell: Bell;
  #waiting: (() => FeedBlock)[] = [];
  #overflowed = false;
  #ended: Error | undefined;
  #close: () => void = () => undefined;

  private constructor(clock: Clock) {
    this.#bell = new Bell(clock);
  }

  /** Subscribes. Throws as `FeedSource.subscribe` does. */
  static async open(source: FeedSource, clock: Clock, signal: AbortSignal): Promise<FeedSession> {
    const session = new FeedSession(clock);
    const listener = {
      onBlock: (read: () => FeedBlock) => session.#take(read),
      onEnd: (error: Error) => {
        session.#ended = error;
        session.#bell.ring();
      },
    };
    session.#close = await source.subscribe(listener, signal);
    return session;
  }

  /** The next block told, if any. Throws what ended the subscription once all was looked at, and what a told thing is if no block. */
  next(): FeedBlock | undefined {
    const read = this.#waiting.shift();
    if (read) return read();
    if (this.#ended) throw this.#ended;
    return undefined;
  }

  /** Whether blocks were told that are not kept; says so once. */
  takeOverflow(): boolean {
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    return overflowed;
  }

  /** Resolves when there is something to look at (true), or after `ms` of silence. */
  wait(ms: number, signal: AbortSignal): Promise<boolean> {
    return this.#bell.wait(ms, signal);
  }

  close(): void {
    this.#waiting = [];
    this.#close();
  }

  #take(read: () => FeedBlock): void {
    if (this.#waiting.length < maxWaiting) this.#waiting.push(read);
    else {
      this.#waiting = [];
      this.#overflowed = true;
    }
    this.#bell.ring();
  }
}
