import type { Clock, Metrics } from "@metis/runtime";
import type { MvmReader } from "@metis/mvm";
import type { HeadView } from "../rpc/heads.ts";
import type { FeedError } from "./errors.ts";

/** How the feed of signed blocks fares (docs/spec/rpc.md, "rollup_syncStatus"). */
export interface FeedStatus {
  /** Host of the feed that is followed or was tried last. */
  readonly from: string | null;
  readonly state: "connecting" | "following" | "waiting";
  /** Why nothing is taken over at present. */
  readonly reason: string | null;
  /** Blocks that the feed is known to have signed and this node has not. */
  readonly lagBlocks: bigint;
  /** Age of the signed head; up to the heartbeat when nothing happens on the chain. */
  readonly lagSeconds: bigint;
  /** The last answer that was refused. */
  readonly refused: { readonly from: string; readonly code: string; readonly reason: string } | null;
}

/** Whoever can say how the feed fares. */
export interface FeedView {
  status(): FeedStatus;
}

/** Keeps what is said about the feed, for status and metrics. */
export class FeedProgress implements FeedView {
  readonly #heads: HeadView;
  readonly #reader: Pick<MvmReader, "block">;
  readonly #clock: Clock;
  #from: string | null = null;
  #state: FeedStatus["state"] = "connecting";
  #reason: string | null = null;
  #refused: FeedStatus["refused"] = null;
  #seen = 0n;
  #signedTime: bigint | undefined;

  constructor(given: { heads: HeadView; reader: Pick<MvmReader, "block">; clock: Clock; metrics: Metrics }) {
    this.#heads = given.heads;
    this.#reader = given.reader;
    this.#clock = given.clock;
    const { metrics } = given;
    metrics.observed("feed_lag_blocks", "Signed blocks of the feed that are not here yet", () => Number(this.#lag()));
    metrics.observed("feed_lag_seconds", "Age of the signed head", () => this.#age());
    void this.#readTime();
    given.heads.subscribe(() => void this.#readTime());
  }

  /** True when another feed was followed before. */
  connects(from: string): boolean {
    const switched = this.#from !== null && this.#from !== from;
    this.#from = from;
    this.#state = "connecting";
    this.#seen = 0n;
    return switched;
  }

  follows(from: string): void {
    this.#from = from;
    this.#state = "following";
    this.#reason = null;
  }

  waits(reason: string): void {
    this.#state = "waiting";
    this.#reason = reason;
  }

  sees(signed: bigint): void {
    if (signed > this.#seen) this.#seen = signed;
  }

  refused(from: string, { code, message }: FeedError): void {
    this.#refused = { from, code, reason: message };
  }

  status(): FeedStatus {
    return {
      from: this.#from,
      state: this.#state,
      reason: this.#reason,
      lagBlocks: this.#lag(),
      lagSeconds: BigInt(Math.floor(this.#age())),
      refused: this.#refused,
    };
  }

  #lag(): bigint {
    const { number } = this.#heads.heads().signed;
    return this.#seen > number ? this.#seen - number : 0n;
  }

  #age(): number {
    return this.#signedTime === undefined ? 0 : Math.max(this.#clock.now() / 1000 - Number(this.#signedTime), 0);
  }

  async #readTime(): Promise<void> {
    const { hash } = this.#heads.heads().signed;
    const block = await this.#reader.block({ hash }).catch(() => undefined);
    if (this.#heads.heads().signed.hash === hash && block?.inputs) this.#signedTime = block.inputs.time;
  }
}
