import type { BlockContext, ExecutedBlock, Mvm, MvmReader } from "@metis/mvm";
import { BlockFlag } from "@metis/protocol";
import type { BlockInputs, ChainConfig, Epoch, Generation, L2BlockNumber, Timestamp } from "@metis/protocol";
import type { Clock, HistogramMetric, Metrics } from "@metis/runtime";
import { durationBuckets } from "@metis/runtime";
import type { Address } from "viem";
import { L1Error } from "../l1/errors.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { Mempool } from "../mempool/api.ts";
import type { AnchorChoice, AnchorSource } from "./anchors.ts";
import type { AttendanceBook } from "./attendance.ts";
import { afterBlock, readOpenBatch } from "./batch.ts";
import type { OpenBatch } from "./batch.ts";
import { fillBlock } from "./fill.ts";
import { parentView } from "./parent.ts";
import type { ParentView } from "./parent.ts";
import { blockTimeAt, chainNow, isDue, mayHoldTransactions } from "./timing.ts";
import type { Demand, Moment } from "./timing.ts";
import { brokenRule } from "./votingRules.ts";

export interface BlockMakerOptions {
  readonly config: ChainConfig;
  readonly mvm: Pick<Mvm, "head" | "open"> & { readonly reader: Pick<MvmReader, "block"> };
  readonly mempool: Pick<Mempool, "pending" | "drop">;
  readonly anchors: Pick<AnchorSource, "choose" | "at">;
  readonly attendance: Pick<AttendanceBook, "take" | "brokenRule">;
  readonly watcher: Pick<L1Watcher, "view" | "reach">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly proposer: Address;
  /** Longest time spent on adding transactions to one block once it is due, milliseconds. */
  readonly maxBuildMs: number;
  /** How long before its time a block may be begun by who leads when the last ones were cut for want of time, milliseconds. */
  readonly maxLeadMs: number;
  /** Longest that a block waits for L1 to show this member its anchor, milliseconds. */
  readonly anchorWaitMs: number;
}

interface Plan {
  readonly parent: ParentView;
  readonly anchor: AnchorChoice;
  readonly time: Timestamp;
  readonly demand: Demand;
  readonly moment: Moment;
}

/** By how much a leader begins earlier after a block that was cut, and later after one that was not. */
const leadGrowthMs = 150;
const leadDecayMs = 50;

/** Decides whether a block is due, and builds it on the head. */
export class BlockMaker {
  readonly #options: BlockMakerOptions;
  readonly #buildSeconds: HistogramMetric;
  #batch: OpenBatch | undefined;
  #parent: ParentView | undefined;
  #leadMs = 0;

  constructor(options: BlockMakerOptions) {
    this.#options = options;
    this.#buildSeconds = options.metrics.histogram("block_build_seconds", "Time to build one block", durationBuckets);
  }

  /** The batch that the next block belongs to. */
  async openBatch(): Promise<OpenBatch> {
    const { config, mvm } = this.#options;
    this.#batch ??= await readOpenBatch(config, mvm.reader, mvm.head().number);
    return this.#batch;
  }

  /** Epoch of the batch that block `number` is in: the next block, or one that is committed already. */
  async epochOf(number: L2BlockNumber): Promise<Epoch> {
    const { config, mvm } = this.#options;
    const isNext = number > mvm.head().number;
    return (isNext ? await this.openBatch() : await readOpenBatch(config, mvm.reader, number - 1n)).epoch;
  }

  /** Milliseconds before a block's time at which this member begins it when it leads: more while its blocks are cut. */
  get leadMs(): number {
    return this.#leadMs;
  }

  /** The head moved by something else than `committed`. */
  reset(): void {
    this.#batch = undefined;
  }

  committed(inputs: BlockInputs): void {
    this.#batch = this.#batch && afterBlock(this.#options.config, this.#batch, inputs);
  }

  /** Whether a block is due now, here: what `make` asks before it builds one. Earlier for who `leads` the height. */
  async isDue(leads: boolean): Promise<boolean> {
    const { config } = this.#options;
    const parent = await this.#parentOf();
    if (this.#dueTime(parent) > chainNow(this.#now(leads ? parent : undefined))) return false;
    const plan = await this.#plan(leads);
    return isDue(config, plan.moment, plan.time, plan.demand);
  }

  /** A sealed block on the head, pending in the MVM; nothing when none is due, or L1 raised the generation. Errors of L1 pass. */
  async make(generation: Generation): Promise<ExecutedBlock | undefined> {
    const plan = await this.#plan(true);
    if (generation < plan.parent.generation) return undefined;
    if (!isDue(this.#options.config, plan.moment, plan.time, plan.demand)) return undefined;
    const started = this.#options.clock.monotonic();
    const block = await this.#build(plan, generation);
    this.#buildSeconds.observe((this.#options.clock.monotonic() - started) / 1000);
    return block;
  }

  /** Context of a foreign proposal on the head, or the voting rule that it breaks. What is decided does not wait for a clock. */
  async contextOf(inputs: BlockInputs, isDecided = false): Promise<BlockContext | { readonly broken: string }> {
    const { config, anchors, attendance, watcher, anchorWaitMs } = this.#options;
    const parent = await this.#parentOf();
    // L1 may have shown the proposer a block that it has not shown this member yet.
    if (inputs.anchorNumber <= parent.anchorNumber + BigInt(config.maxAnchorStep))
      await watcher.reach(inputs.anchorNumber, anchorWaitMs);
    const looking = anchors.at({ number: parent.anchorNumber, hash: parent.anchorHash }, inputs.anchorNumber);
    const anchor = await (isDecided ? looking : this.#inTime(looking));
    const { cutter } = await this.openBatch();
    const now = this.#now();
    const clock = isDecided ? inputs.time : now.clock;
    // What is decided is counted as it is: derivation asks nothing of an attendance.
    const broken =
      brokenRule(inputs, { config, parent, anchor, now: { ...now, clock }, cutter }) ??
      (isDecided ? undefined : await attendance.brokenRule(inputs));
    if (broken !== undefined || !anchor) return { broken: broken ?? "it has no anchor" };
    return { inputs, anchorHeader: anchor.header.rlp, deposits: anchor.deposits };
  }

  async #parentOf(): Promise<ParentView> {
    const { config, mvm } = this.#options;
    const { number, hash } = mvm.head();
    if (this.#parent?.hash !== hash) this.#parent = await parentView(config, mvm.reader, number);
    return this.#parent;
  }

  async #plan(leads: boolean): Promise<Plan> {
    const { config, mempool, anchors } = this.#options;
    const parent = await this.#parentOf();
    const choosing = anchors.choose({ number: parent.anchorNumber, hash: parent.anchorHash });
    const anchor = await this.#inTime(choosing);
    if (!anchor) throw new L1Error("l1-unavailable", "retry", "L1 keeps the anchor of the chain's head waiting", {});
    const moment = {
      ...this.#now(leads ? parent : undefined),
      parentTime: parent.time,
      anchorTime: anchor.header.timestamp,
    };
    const [first] = mempool.pending(parent.nextBaseFee);
    const demand = {
      transactions: first !== undefined,
      deposits: anchor.deposits.length > 0,
      behind: anchor.behind && anchor.header.number > parent.anchorNumber,
    };
    return { parent, anchor, moment, demand, time: blockTimeAt(config, moment, anchor.behind) };
  }

  async #build(plan: Plan, generation: Generation): Promise<ExecutedBlock | undefined> {
    const { config, mvm, mempool, clock } = this.#options;
    const { parent, anchor, time } = plan;
    const number = parent.number + 1n;
    const { number: anchorNumber, hash: anchorHash } = anchor.header;
    const moves = anchorNumber > parent.anchorNumber;
    const inputs: BlockInputs = {
      number,
      time,
      generation,
      flags: 0,
      proposer: this.#options.proposer,
      anchorNumber,
      anchorHash,
      ...this.#depositRange(parent, anchor),
      rate: 0n,
      attendance: moves ? await this.#options.attendance.take({ number, anchorNumber }) : "0x",
      transactions: [],
    };
    const { cutter } = await this.openBatch();
    const builder = await mvm.open({ inputs, anchorHeader: anchor.header.rlp, deposits: anchor.deposits });
    const mayHold = mayHoldTransactions(config, time, anchor.header.timestamp);
    const candidates = mayHold ? mempool.pending(parent.nextBaseFee) : [];
    const filled = await fillBlock(builder, candidates, {
      room: cutter.room,
      chainId: config.l2ChainId,
      clock,
      maxBuildMs: this.#buildMs(time),
      drop: mempool.drop.bind(mempool),
    });
    this.#adapt(filled.isCut);
    if (
      filled.transactions.length === 0 &&
      !isDue(config, plan.moment, time, { ...plan.demand, transactions: false })
    ) {
      await builder.discard();
      return undefined;
    }
    const block = { ...inputs, transactions: filled.transactions };
    const ends = cutter.mustEnd(block) ?? cutter.mayEnd(block);
    return builder.seal(ends === undefined ? 0 : BlockFlag.batchEnd);
  }

  /** What L1 is asked for, or nothing when it takes too long: the engine's other work waits meanwhile. */
  async #inTime<T>(answer: Promise<T>): Promise<T | undefined> {
    const { clock, anchorWaitMs } = this.#options;
    const isOver = new AbortController();
    try {
      return await Promise.race([answer, clock.sleep(anchorWaitMs, isOver.signal).then(() => undefined)]);
    } finally {
      isOver.abort();
    }
  }

  #depositRange(parent: ParentView, anchor: AnchorChoice): Pick<BlockInputs, "depositStart" | "depositEnd"> {
    return { depositStart: parent.depositEnd, depositEnd: parent.depositEnd + BigInt(anchor.deposits.length) };
  }

  /** Until the block's time, and as long as members may be kept waiting then. */
  #buildMs(time: Timestamp): number {
    const { clock, maxBuildMs, maxLeadMs } = this.#options;
    const early = Number(time) * 1000 - clock.now();
    return maxBuildMs + Math.max(0, Math.min(early, maxLeadMs));
  }

  #adapt(isCut: boolean): void {
    const { maxLeadMs } = this.#options;
    this.#leadMs = isCut ? Math.min(this.#leadMs + leadGrowthMs, maxLeadMs) : Math.max(this.#leadMs - leadDecayMs, 0);
  }

  #dueTime({ time }: ParentView): Timestamp {
    return time + BigInt(Math.max(this.#options.config.blockTime, 1));
  }

  /** For who leads after `led`, the time of the next block comes early; no later time does. */
  #now(led?: ParentView): Pick<Moment, "clock" | "l1Time"> {
    const { clock, watcher } = this.#options;
    const second = (ms: number): Timestamp => BigInt(Math.floor(ms / 1000));
    const now = { clock: second(clock.now()), l1Time: watcher.view.head.timestamp };
    const due = led && this.#dueTime(led);
    return due && now.clock < due && second(clock.now() + this.#leadMs) >= due ? { ...now, clock: due } : now;
  }
}
