import {
  batchHash,
  genesisAnchor,
  genesisHeader,
  type ChainConfig,
  type DataHeader,
  type Hash,
  type L1BlockNumber,
} from "@metis/protocol";
import { deriveBatch, type DeriveKernel, type DeriveParent, type DeriveResult } from "../derivation/deriver.ts";
import { RollupError } from "../errors.ts";
import { BatchRetrieval } from "./batchRetrieval.ts";
import { BatchGathering, type GatheredBatch } from "./gathering.ts";
import { L1Traversal } from "./l1Traversal.ts";
import type { L1Ref, L1Source, PostedBatch } from "./l1Source.ts";

/** What is kept of a batch that was made part of the chain, at least. */
export interface BatchRecord {
  readonly header: DataHeader;
  readonly l1BlockNumber: L1BlockNumber;
  readonly l1BlockHash: Hash;
}

/** Batches made part of the chain, kept across restarts. */
export interface BatchJournal<Record extends BatchRecord> {
  last(): Record | undefined;
  /** Forgets the last record: L1 took its batch back. The blocks stay until L1 says otherwise about them. */
  dropLast(record: Record): Promise<void>;
}

/** A batch with what it derives to. */
export interface DerivedStep<Batch extends PostedBatch> {
  readonly batch: Batch;
  readonly gathered: GatheredBatch;
  readonly result: DeriveResult;
}

/** Last stages, execute and output: the node's. What `adopt` returns is in the journal when it resolves. */
export interface BatchSink<Record extends BatchRecord, Batch extends PostedBatch> {
  /** The inbox's batch 0, already checked to be this chain's. */
  genesis(batch: Batch): Promise<Record>;
  /** The block that ends `record`'s batch. */
  lastBlock(record: Record): Promise<DeriveParent>;
  /** Executes the blocks that the chain does not hold yet, and takes those back that contradict them. */
  adopt(parent: Record, step: DerivedStep<Batch>): Promise<Record>;
}

export type PipelineStep<Record> =
  /** One more batch is part of the chain. */
  | { readonly kind: "batch"; readonly record: Record }
  /** The next batch raises the generation and is not deep enough yet (protocol.md, "Generation"). */
  | { readonly kind: "shallow"; readonly generation: number }
  /** All that L1 holds up to the head is derived. */
  | { readonly kind: "idle" };

export interface PipelineOptions<Record extends BatchRecord, Batch extends PostedBatch> {
  readonly config: ChainConfig;
  readonly source: L1Source<Batch>;
  readonly kernel: DeriveKernel;
  readonly journal: BatchJournal<Record>;
  readonly sink: BatchSink<Record, Batch>;
  /** The highest generation that counts already, whatever the depth of its first batch: a handover began it earlier. */
  readonly counted?: () => number;
  /** L1 blocks whose logs are asked for at once. */
  readonly maxRange?: bigint;
}

/**
 * Rebuilds the chain from L1, one batch a step: l1-traversal -> batch-retrieval -> gathering -> derive -> execute -> output.
 * Errors say what to do: `retry` the step, `reset` (call `reset`, then go on), or `halt`.
 */
export class DerivationPipeline<Record extends BatchRecord, Batch extends PostedBatch = PostedBatch> {
  readonly #options: PipelineOptions<Record, Batch>;
  readonly #gathering: BatchGathering<Batch>;
  #retrieval: BatchRetrieval<Batch> | undefined;

  constructor(options: PipelineOptions<Record, Batch>) {
    this.#options = options;
    this.#gathering = new BatchGathering(options.config, options.source);
  }

  /**
   * Goes back to the last batch that L1 still holds, or to the genesis anchor, and reads on from there. Returns the
   * records that were dropped, newest first. To be called at the start, and whenever an error asks for it.
   */
  async reset(): Promise<readonly Record[]> {
    const { source, journal } = this.#options;
    this.#retrieval = undefined;
    const dropped: Record[] = [];
    let last = journal.last();
    while (last !== undefined && (await source.block(last.l1BlockNumber))?.hash !== last.l1BlockHash) {
      await journal.dropLast(last);
      dropped.push(last);
      last = journal.last();
    }
    const from = last === undefined ? this.#options.config.genesisAnchorNumber : last.l1BlockNumber - 1n;
    const start = await source.block(from);
    if (start === undefined)
      throw new RollupError("l1-incomplete", "retry", `L1 does not hold block ${from}, where the chain goes on`, {
        from,
      });
    const traversal = new L1Traversal(source, start, this.#options.maxRange);
    this.#retrieval = new BatchRetrieval(source, traversal);
    return dropped;
  }

  /** Makes the next batch on L1 part of the chain, `head` being L1's head. */
  async step(head: L1Ref): Promise<PipelineStep<Record>> {
    if (this.#retrieval === undefined) await this.reset();
    const { journal, sink, config, counted } = this.#options;
    const parent = journal.last();
    const index = parent === undefined ? 0n : parent.header.batchIndex + 1n;
    const batch = await this.#retrieval!.next(index, head);
    if (batch === undefined) return { kind: "idle" };
    if (parent === undefined) return { kind: "batch", record: await sink.genesis(this.#checkedGenesis(batch)) };
    const { generation } = batch.header;
    const isShallow = head.number - batch.l1BlockNumber < BigInt(config.l1Depth);
    const isRaise = generation > Math.max(parent.header.generation, counted?.() ?? 0);
    if (isRaise && isShallow) return { kind: "shallow", generation };
    return { kind: "batch", record: await sink.adopt(parent, await this.#derive(parent, batch)) };
  }

  async #derive(parent: Record, batch: Batch): Promise<DerivedStep<Batch>> {
    const { sink, kernel } = this.#options;
    if (batch.header.parentHash !== batchHash(parent.header))
      throw new RollupError("l1-reorg", "reset", `batch ${batch.header.batchIndex} follows another batch than ours`, {
        batchIndex: batch.header.batchIndex,
      });
    const lastBlock = await sink.lastBlock(parent);
    const gathered = await this.#gathering.gather({ header: parent.header, lastBlock }, batch);
    return { batch, gathered, result: await deriveBatch(kernel, gathered.request) };
  }

  #checkedGenesis(batch: Batch): Batch {
    const expected = batchHash(genesisHeader(genesisAnchor(this.#options.config)));
    if (batch.header.batchIndex === 0n && batch.batchHash === expected) return batch;
    throw new RollupError("wrong-chain", "halt", "the inbox on L1 is of another chain than this config", {
      expected,
      found: batch.batchHash,
    });
  }
}
