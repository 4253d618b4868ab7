import type { MvmReader } from "@metis/mvm";
import type { ChainConfig } from "@metis/protocol";
import { DerivationPipeline, RollupError } from "@metis/rollup";
import type { BatchSink, DeriveKernel, L1Source, PipelineStep } from "@metis/rollup";
import { RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service } from "@metis/runtime";
import { lower } from "../heads/heads.ts";
import type { ChainHeads } from "../heads/heads.ts";
import type { DerivedBatch } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import type { PostedBatch } from "../l1/batches.ts";
import type { L1Client } from "../l1/client.ts";
import { L1Error, whenL1Answers } from "../l1/errors.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { HandoverFollower } from "../pool/handover/follower.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import { checkAnchors } from "./anchorsGone.ts";
import type { ChainWriter } from "./chainWriter.ts";

export interface DerivationOptions {
  readonly config: ChainConfig;
  readonly l1: L1Client;
  readonly source: L1Source<PostedBatch>;
  readonly kernel: DeriveKernel;
  readonly sink: BatchSink<DerivedBatch, PostedBatch>;
  readonly watcher: L1Watcher;
  readonly writer: ChainWriter;
  readonly handovers: Pick<HandoverFollower, "follow">;
  readonly reader: MvmReader;
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  readonly status: SigningStatus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs: number;
}

const catchingUp = "the chain is still being derived from L1";

/**
 * Drives the derivation pipeline with L1's head (docs/spec/derivation.md): safe and finalized heads come from here alone. Works
 * the same for a node that signs and for one with an empty disk.
 */
export class Derivation implements Service {
  readonly name = "derivation";
  readonly #options: DerivationOptions;
  readonly #loop: RunningLoop;
  readonly #pipeline: DerivationPipeline<DerivedBatch, PostedBatch>;
  #unsubscribe: () => void = () => undefined;
  #reorged = true;
  #caughtUp = false;

  constructor(options: DerivationOptions) {
    this.#options = options;
    const { config, source, kernel, sink, chain } = options;
    const journal = {
      last: () => chain.lastDerived(),
      dropLast: ({ header }: DerivedBatch) => chain.dropDerived(header.batchIndex),
    };
    const counted = (): number => options.status.generation;
    this.#pipeline = new DerivationPipeline({ config, source, kernel, journal, sink, counted });
    this.#loop = new RunningLoop({
      name: this.name,
      clock: options.clock,
      logger: options.logger,
      intervalMs: options.pollMs,
      pass: whenL1Answers(() => this.#pass()),
    });
    options.status.hold(catchingUp);
  }

  /** Throws `l1-wrong-chain` when L1 does not hold the block that the chain begins at. */
  async start(): Promise<void> {
    await this.#requireGenesisAnchor();
    this.#unsubscribe = this.#options.watcher.subscribe(({ kind }) => {
      if (kind === "reorged") this.#reorged = true;
      this.#loop.wake();
    });
    await this.#loop.start();
  }

  stop(): Promise<void> {
    this.#unsubscribe();
    return this.#loop.stop();
  }

  health(): Health {
    return this.#loop.health();
  }

  async #requireGenesisAnchor(): Promise<void> {
    const { l1, config, watcher } = this.#options;
    const { genesisAnchorNumber: number, genesisAnchorHash: hash } = config;
    const found = watcher.view.head.number < number ? undefined : await l1.block(number);
    if (found?.hash === hash) return;
    throw new L1Error(
      "l1-wrong-chain",
      "halt",
      `L1 does not hold block ${number} (${hash}), where this chain begins: it is another L1, or was set back. Point the node at the right one, or start a new chain (metis devnet --reset)`,
      { number, hash, found: found?.hash },
    );
  }

  async #pass(): Promise<"again" | void> {
    const { watcher, status, handovers, logger } = this.#options;
    const { head } = watcher.view;
    if (this.#reorged) await this.#realign();
    const step = await this.#step(head);
    if (step?.kind === "batch") await this.#advanceSafe(step.record);
    await this.#finalize();
    if (step === undefined) return;
    if (step.kind === "batch") return "again";
    // A handover goes on from the last batch before it: that one must be derived.
    await handovers.follow();
    if (!(await this.#anchorsHold())) return;
    if (step.kind === "shallow") {
      if (step.generation <= status.generation) return "again";
      status.hold(`generation ${step.generation} is not l1Depth deep on L1 yet`);
      return;
    }
    if (!this.#caughtUp) logger.info("derived everything that L1 holds", { l1: head.number });
    this.#caughtUp = true;
    status.hold(undefined);
  }

  /** The pipeline's next step; nothing when L1 was replaced under it. */
  async #step(head: L1Watcher["view"]["head"]): Promise<PipelineStep<DerivedBatch> | undefined> {
    try {
      return await this.#pipeline.step(head);
    } catch (error) {
      if (!(error instanceof RollupError) || error.remedy !== "reset") throw error;
      this.#options.logger.info("L1 changed while it was read", { reason: error.message });
      this.#reorged = true;
      return undefined;
    }
  }

  /** Goes back to the last batch that L1 still holds, and reads on from there. */
  async #realign(): Promise<void> {
    const { chain, logger, heads, status } = this.#options;
    for (const { header, l1BlockNumber } of await this.#pipeline.reset())
      logger.warn("L1 took a batch back", { batchIndex: header.batchIndex, l1Block: l1BlockNumber });
    const last = chain.lastDerived();
    if (last) {
      status.retreat(last.header.generation);
      const safe = { number: last.lastBlock, hash: last.lastBlockHash };
      heads.update({ safe, finalized: lower(heads.heads().finalized, safe) });
    }
    this.#reorged = false;
  }

  async #advanceSafe(record: DerivedBatch): Promise<void> {
    const { chain, heads } = this.#options;
    const safe = { number: record.lastBlock, hash: record.lastBlockHash };
    const signed = higher(heads.heads().signed, safe);
    if ((chain.marks().signed?.number ?? 0n) < signed.number) await chain.setMarks({ signed });
    heads.update({ safe, signed });
    this.#options.logger.info("a batch is on L1", {
      batchIndex: record.header.batchIndex,
      firstBlock: record.firstBlock,
      lastBlock: record.lastBlock,
      l1Block: record.l1BlockNumber,
    });
  }

  /** A batch is final when its L1 block is. */
  async #finalize(): Promise<void> {
    const { watcher, chain, heads } = this.#options;
    const { finalized } = watcher.view;
    if (!finalized) return;
    let batch = chain.lastDerived();
    while (batch && batch.l1BlockNumber > finalized.number) {
      if (batch.lastBlock <= heads.heads().finalized.number) return;
      batch = chain.derived(batch.header.batchIndex - 1n);
    }
    if (!batch || batch.lastBlock <= heads.heads().finalized.number) return;
    heads.update({ finalized: { number: batch.lastBlock, hash: batch.lastBlockHash } });
    await chain.setMarks({ finalizedBatch: batch.header.batchIndex });
  }

  /** Whether the blocks above safe still stand on L1's chain; if not, signing stops and they are taken back. */
  async #anchorsHold(): Promise<boolean> {
    const { l1, reader, heads, status, writer, chain } = this.#options;
    const { safe } = heads.heads();
    const check = await checkAnchors(l1, reader, safe.number, reader.head().number);
    if (check.kind === "canonical") return true;
    const { inputs } = check;
    if (check.kind === "ahead") {
      status.hold(`L1 is behind anchor ${inputs.anchorNumber} of the chain`);
      return false;
    }
    const own = await reader.block(inputs.number);
    const nextBatch = (chain.lastDerived()?.header.batchIndex ?? 0n) + 1n;
    await status.halt({
      kind: "anchor-gone",
      generation: inputs.generation,
      number: inputs.number,
      signedHash: own!.hash,
      batchIndex: nextBatch,
      anchorNumber: inputs.anchorNumber,
      anchorHash: inputs.anchorHash,
      message: `L1 block ${inputs.anchorNumber} (${inputs.anchorHash}), anchor of signed block ${inputs.number}, is gone: a reorg deeper than l1Depth`,
    });
    await writer.takeBack(safe.number, nextBatch, inputs.generation);
    return true;
  }
}

const higher = <T extends { readonly number: bigint }>(a: T, b: T): T => (a.number >= b.number ? a : b);
