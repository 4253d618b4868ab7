import { RpcClientError } from "@metis/runtime";
import type { Clock } from "@metis/runtime";
import { FeedError } from "./errors.ts";
import type { FeedSource } from "./source.ts";

/** A feed and how it fared. */
export interface Peer {
  readonly source: FeedSource;
  /** In a row. */
  failures: number;
  /** Monotonic milliseconds before which it is not asked again. */
  restUntil: number;
  trouble: string | undefined;
}

const firstRestMs = 250;
/** A feed that is down may come back any moment; one that said something wrong may wait. */
const longestOutageRestMs = 4_000;
const longestRefusalRestMs = 60_000;

/** The feeds in their order, of which one is followed at a time. */
export class Peers {
  readonly all: readonly Peer[];
  readonly #clock: Clock;
  #last = -1;

  constructor(sources: readonly FeedSource[], clock: Clock) {
    this.all = sources.map((source) => ({ source, failures: 0, restUntil: 0, trouble: undefined }));
    this.#clock = clock;
  }

  /** The next feed that may be asked, in turn; the one followed last comes last. */
  pick(): Peer | undefined {
    const count = this.all.length;
    for (let step = 1; step <= count; step++) {
      const index = (this.#last + step) % count;
      const peer = this.all[index]!;
      if (this.rests(peer)) continue;
      this.#last = index;
      return peer;
    }
    return undefined;
  }

  /** Makes `peer` the one that is picked next. */
  prefer(peer: Peer): void {
    this.#last = this.all.indexOf(peer) - 1;
  }

  rests(peer: Peer): boolean {
    return peer.restUntil > this.#clock.monotonic();
  }

  /** Milliseconds until some feed may be asked again. */
  restMs(): number {
    return Math.max(Math.min(...this.all.map(({ restUntil }) => restUntil)) - this.#clock.monotonic(), 0);
  }

  /** It gave a block that was taken over. */
  well(peer: Peer): void {
    peer.failures = 0;
    peer.trouble = undefined;
  }

  /** Lets `peer` rest, the longer the more often in a row, and for longest when it was wrong. */
  failed(peer: Peer, error: Error): void {
    const wrong = (error instanceof FeedError || error instanceof RpcClientError) && error.remedy === "reject";
    const longest = wrong ? longestRefusalRestMs : longestOutageRestMs;
    const rest = Math.min(firstRestMs * (wrong ? 4 : 1) * 2 ** Math.min(peer.failures, 20), longest);
    peer.failures++;
    peer.restUntil = this.#clock.monotonic() + rest;
    peer.trouble = error.message;
  }
}
