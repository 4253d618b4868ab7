import { MetisError, remedyOf } from "@metis/protocol";
import { BaseService, RpcClientError } from "@metis/runtime";
import type { Clock, CounterMetric, Logger, Metrics } from "@metis/runtime";
import type { L1Watcher } from "../l1/watcher.ts";
import type { HeadView } from "../rpc/heads.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import type { BlockAdopter } from "./adopter.ts";
import { Bell } from "./bell.ts";
import { FeedError, notYet, refused } from "./errors.ts";
import { Peers } from "./peers.ts";
import type { Peer } from "./peers.ts";
import { FeedProgress } from "./progress.ts";
import type { FeedStatus, FeedView } from "./progress.ts";
import { FeedSession } from "./session.ts";
import type { FeedBlock } from "./signedBlock.ts";
import { maxRangeBlocks } from "./source.ts";
import type { FeedSource } from "./source.ts";

export interface FeedFollowerOptions {
  readonly sources: readonly FeedSource[];
  readonly adopter: Pick<BlockAdopter, "adopt" | "next">;
  readonly status: Pick<SigningStatus, "state">;
  readonly heads: HeadView;
  readonly watcher: Pick<L1Watcher, "subscribe">;
  readonly progress: FeedProgress;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** After so long without a block the feed is asked whether it has one, and then the others. */
  readonly silenceMs: number;
}

/** Wait before something is looked at again that only this node's own view of L1 can change. */
const ownPaceMs = 500;

/**
 * Follows the signed blocks of one feed, and of the next one when it fails, above what derivation has made safe. While derivation
 * catches up, or L1 contradicts what was signed, L1 alone is followed.
 */
export class FeedFollower extends BaseService implements FeedView {
  readonly #options: FeedFollowerOptions;
  readonly #peers: Peers;
  readonly #bell: Bell;
  readonly #switches: CounterMetric;
  readonly #refusals: CounterMetric;
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void)[] = [];

  constructor(options: FeedFollowerOptions) {
    super("feed");
    this.#options = options;
    const { sources, clock, metrics } = options;
    this.#peers = new Peers(sources, clock);
    this.#bell = new Bell(clock);
    this.#switches = metrics.counter("feed_switches_total", "Times that another feed was followed than before");
    this.#refusals = metrics.counter("feed_blocks_refused_total", "Answers of feeds that were refused", ["reason"]);
  }

  status(): FeedStatus {
    return this.#options.progress.status();
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    const { heads, watcher } = this.#options;
    const ring = (): void => this.#bell.ring();
    this.#unsubscribe = [heads.subscribe(ring), watcher.subscribe(ring)];
    this.#running = this.#run(signal);
  }

  protected async onStop(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const state = this.#options.status.state();
      const peer = state.may ? this.#peers.pick() : undefined;
      if (!state.may) await this.#pause(`following L1 alone: ${state.reason}`, ownPaceMs, signal);
      else if (!peer) await this.#pause(this.#allTroubles(), this.#peers.restMs(), signal);
      else if (!(await this.#followUntilTrouble(peer, signal))) return;
    }
  }

  async #pause(reason: string, ms: number, signal: AbortSignal): Promise<void> {
    this.#options.progress.waits(reason);
    this.report({ status: "degraded", detail: reason });
    await this.#bell.wait(ms, signal);
  }

  #allTroubles(): string {
    const troubles = this.#peers.all.map(({ source, trouble }) => `${source.name}: ${trouble ?? "rests"}`);
    return `no feed can be followed, L1 alone is: ${troubles.join("; ")}`;
  }

  /** False when going on would do harm. */
  async #followUntilTrouble(peer: Peer, signal: AbortSignal): Promise<boolean> {
    const { progress, logger } = this.#options;
    try {
      if (progress.connects(peer.source.name)) this.#switches.inc();
      await this.#follow(peer, signal);
    } catch (error) {
      if (signal.aborted) return true;
      if (remedyOf(error) !== "halt") this.#blame(peer, error as MetisError);
      else {
        logger.error("stopped: going on would do harm", { feed: peer.source.name, error });
        this.report({ status: "failed", detail: error instanceof Error ? error.message : String(error) });
        return false;
      }
    }
    return true;
  }

  #blame(peer: Peer, error: MetisError): void {
    const { logger, progress } = this.#options;
    if (error.code === "moved") return;
    const isNew = peer.trouble !== error.message;
    this.#peers.failed(peer, error);
    const feed = peer.source.name;
    if (!(error instanceof FeedError) || error.remedy !== "reject") {
      if (isNew) logger.info("a feed cannot be followed at present", { feed, code: error.code, reason: error.message });
      return;
    }
    this.#refusals.inc(1, { reason: error.code });
    progress.refused(feed, error);
    logger.warn("a feed was refused", { feed, code: error.code, reason: error.message });
  }

  /** Takes over what `peer` has until it fails, or until L1 alone is to be followed. */
  async #follow(peer: Peer, signal: AbortSignal): Promise<void> {
    const { clock, status, silenceMs } = this.#options;
    const session = await FeedSession.open(peer.source, clock, signal);
    try {
      let behind = true;
      while (!signal.aborted && status.state().may) {
        if (behind || session.takeOverflow()) {
          behind = await this.#catchUp(peer, signal);
          if (!behind) this.#inStep(peer);
          continue;
        }
        const block = session.next();
        if (block) behind = await this.#told(peer, block, signal);
        else if (!(await session.wait(silenceMs, signal))) behind = await this.#afterSilence(peer, signal);
      }
    } finally {
      session.close();
    }
  }

  #inStep({ source }: Peer): void {
    this.#options.progress.follows(source.name);
    this.report({ status: "ok" });
  }

  /** A block that the subscription told. True when there is a gap before it. */
  async #told(peer: Peer, block: FeedBlock, signal: AbortSignal): Promise<boolean> {
    const { adopter, progress } = this.#options;
    const { number } = block.attestation;
    if (number < adopter.next) return false;
    if (number > adopter.next) return true;
    progress.sees(number);
    await this.#adopt(peer, block, signal);
    return false;
  }

  /** Asks for the blocks after the signed head. True when there may be more. */
  async #catchUp(peer: Peer, signal: AbortSignal): Promise<boolean> {
    const { adopter, progress } = this.#options;
    const from = adopter.next;
    const { signed, blocks } = await peer.source.range(from, maxRangeBlocks, signal);
    if (blocks.length === 0 && signed >= from && adopter.next === from)
      throw notYet("unserved", from, `it is at ${signed} and has no certificate for this one`);
    const misplaced = blocks.findIndex(({ attestation }, index) => attestation.number !== from + BigInt(index));
    if (misplaced >= 0)
      throw refused("out-of-order", blocks[misplaced]!.attestation.number, `${from + BigInt(misplaced)} was asked for`);
    if (blocks.length > 0) progress.sees(signed);
    for (const block of blocks) await this.#adopt(peer, block, signal);
    return blocks.length > 0;
  }

  /** Silence is right while nothing happens, and wrong when another feed knows more. */
  async #afterSilence(peer: Peer, signal: AbortSignal): Promise<boolean> {
    if (await this.#catchUp(peer, signal)) return true;
    for (const other of this.#peers.all) {
      if (other === peer || this.#peers.rests(other)) continue;
      const from = this.#options.adopter.next;
      try {
        if (!(await this.#catchUp(other, signal))) continue;
      } catch (error) {
        if (signal.aborted || remedyOf(error) === "halt") throw error;
        this.#blame(other, error as MetisError);
        continue;
      }
      this.#peers.prefer(other);
      throw notYet("withheld", from, `${other.source.name} has it, ${peer.source.name} was silent`);
    }
    return false;
  }

  /** Waits with a block that only L1 can clear up; whoever gave it is not to blame. */
  async #adopt(peer: Peer, block: FeedBlock, signal: AbortSignal): Promise<void> {
    const { adopter, progress } = this.#options;
    while (!signal.aborted && block.attestation.number >= adopter.next) {
      try {
        await adopter.adopt(block);
        this.#peers.well(peer);
        return this.#inStep(peer);
      } catch (error) {
        if (!isOwnTrouble(error)) throw error;
        progress.waits(error.message);
        await this.#bell.wait(ownPaceMs, signal);
      }
    }
  }
}

/** L1 does not answer, or does not show yet here what the block builds on. */
function isOwnTrouble(error: unknown): error is MetisError {
  if (!(error instanceof MetisError) || error.remedy !== "retry" || error instanceof RpcClientError) return false;
  return !(error instanceof FeedError) || error.code === "anchor-unknown";
}
