import type { MvmReader } from "@metis/mvm";
import { batchHash, epochOf } from "@metis/protocol";
import type { DataHeader, L1BlockNumber } from "@metis/protocol";
import type { Clock, CounterMetric, GaugeMetric, Logger, Metrics } from "@metis/runtime";
import type { Address } from "viem";
import type { ChainHeads } from "../heads/heads.ts";
import type { CutBatch, DerivedBatch } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import { L1Service } from "../l1/service.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import type { BatchAssembler } from "./assemble.ts";
import type { BatchCosigner } from "./cosigner.ts";
import { parentOf } from "./cut.ts";
import type { BatchDraft } from "./cut.ts";
import { BatcherError } from "./errors.ts";
import type { BatchPoster, PostOutcome } from "./poster.ts";
import type { OwnBatch } from "./review.ts";
import { turnDelay, turnOf } from "./turns.ts";

export interface BatcherOptions {
  readonly self: Address;
  readonly sets: Pick<EpochSets, "of">;
  readonly assembler: BatchAssembler;
  readonly cosigner: BatchCosigner;
  readonly poster: BatchPoster;
  readonly reader: Pick<MvmReader, "block">;
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  readonly status: SigningStatus;
  readonly watcher: L1Watcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pollMs: number;
}

/** The next batch, and since when it waits. */
interface Due {
  readonly own: OwnBatch;
  /** L1's head when this node first saw that the batch may be posted. */
  readonly since: L1BlockNumber;
  /** L1 blocks from then on until it is this seat's turn; nothing for a seat that has no part in the epoch. */
  readonly delay: bigint | undefined;
  readonly members: number;
}

/**
 * Gets a batch onto L1 at each batch end, one after the other, when it is this seat's turn (docs/spec/pool.md, "Batches"). A batch
 * is stored with its certificate before it is posted, and what is stored is posted again, byte for byte, after a restart or when L1
 * took it back. Where the inbox stands is derivation's word.
 */
export class Batcher extends L1Service {
  readonly #options: BatcherOptions;
  readonly #posted: CounterMetric;
  readonly #waiting: GaugeMetric;
  /** The batch last seen on L1, until derivation has taken it in. */
  #awaiting: string | undefined;
  #lastReason: string | undefined;
  #due: Due | undefined;
  #draft: BatchDraft | undefined;

  constructor(options: BatcherOptions) {
    super("batcher", options.pollMs, options);
    this.#options = options;
    this.#posted = options.metrics.counter("batches_posted", "Batches of this node that L1 took");
    this.#waiting = options.metrics.gauge("blocks_unposted", "Signed blocks that are not in a batch on L1");
  }

  protected override listen() {
    const { heads, watcher, cosigner } = this.#options;
    const wake = (): void => this.wake();
    const onL1 = ({ kind }: { readonly kind: string }): void => {
      if (kind === "reorged") this.#awaiting = undefined;
      wake();
    };
    return [heads.subscribe(wake), watcher.subscribe(onL1), cosigner.onProgress(wake)];
  }

  protected async pass(signal: AbortSignal): Promise<"again" | void> {
    const { chain, status, heads, poster } = this.#options;
    const { signed, safe } = heads.heads();
    this.#waiting.set(Number(signed.number - safe.number));
    const parent = chain.lastDerived();
    if (!parent || status.divergence || !status.state().may) return;
    const batch = await this.#next(parent);
    if (!batch || this.#awaiting === batchHash(batch.header)) return;
    return this.#settled(batch, await poster.post(batch, signal));
  }

  /** The batch on `parent` to be posted now: certified, and this seat's to post. */
  async #next(parent: DerivedBatch): Promise<CutBatch | undefined> {
    const { chain, cosigner, assembler, watcher } = this.#options;
    const due = await this.#dueOn(parent);
    if (due?.delay === undefined || watcher.view.head.number < due.since + due.delay) return undefined;
    const stored = chain.cut(parent.header.batchIndex + 1n);
    const { generation } = due.own;
    const isDue = ({ header }: { readonly header: DataHeader }): boolean =>
      header.parentHash === parent.batchHash && header.generation === generation;
    if (stored && isDue(stored)) return stored;
    const last = due.own.blocks.at(-1)!.hash;
    if (this.#draft?.claim.lastBlockHash !== last || !isDue(this.#draft))
      this.#draft = await assembler.draft(due.own, due.members);
    return cosigner.certify(this.#draft);
  }

  /** The batch after `parent`, once all its blocks are signed. */
  async #dueOn(parent: DerivedBatch): Promise<Due | undefined> {
    const { assembler, heads } = this.#options;
    if (this.#due && (await this.#isStill(this.#due, parent))) return this.#due;
    const own = await assembler.own(parentOf(parent), heads.heads().signed.number);
    this.#due = own && (await this.#dueFrom(own));
    return this.#due;
  }

  async #isStill({ own }: Due, parent: DerivedBatch): Promise<boolean> {
    const last = own.blocks.at(-1)!;
    return (
      own.parentHash === parent.batchHash &&
      own.generation === this.#options.status.generation &&
      (await this.#options.reader.block(last.inputs.number))?.hash === last.hash
    );
  }

  async #dueFrom(own: OwnBatch): Promise<Due> {
    const { sets, self, watcher } = this.#options;
    const { members } = await sets.of(epochOf(own.config, own.parent.header.anchorNumber));
    const turn = turnOf(members, own.blocks.at(-1)!.inputs.proposer, self);
    const delay = turn === undefined ? undefined : turnDelay(turn);
    return { own, since: watcher.view.head.number, delay, members: members.length };
  }

  #settled({ header }: CutBatch, outcome: PostOutcome): void {
    const { logger, watcher } = this.#options;
    if (outcome.kind === "posted") {
      this.#posted.inc();
      this.#awaiting = batchHash(header);
      this.#lastReason = undefined;
      watcher.poke();
      return;
    }
    const payload = { index: header.batchIndex, reason: outcome.reason };
    if (outcome.kind === "refused")
      throw new BatcherError(
        "refused",
        "retry",
        `the inbox refuses batch ${header.batchIndex}: ${outcome.reason}`,
        payload,
      );
    if (this.#lastReason !== outcome.reason) logger.info("the batch is not on L1 yet", payload);
    this.#lastReason = outcome.reason;
  }
}
