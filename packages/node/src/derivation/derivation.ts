import type { MvmReader } from "@metis/mvm";
import { batchHash, genesisAnchor, genesisHeader, merkleRoot, zeroHash } from "@metis/protocol";
import type { ChainConfig, L1BlockNumber } from "@metis/protocol";
import { RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service } from "@metis/runtime";
import { lower } from "../heads/heads.ts";
import type { ChainHeads } from "../heads/heads.ts";
import type { DerivedBatch } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import type { BatchReader, PostedBatch, RollupLogs } from "../l1/batches.ts";
import type { L1Client } from "../l1/client.ts";
import { L1Error, whenL1Answers } from "../l1/errors.ts";
import type { L1BlockRef } from "../l1/header.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import { checkAnchors } from "./anchorsGone.ts";
import type { BatchApplier } from "./apply.ts";
import type { ChainWriter } from "./chainWriter.ts";

export interface DerivationOptions {
  readonly config: ChainConfig;
  readonly l1: L1Client;
  readonly watcher: L1Watcher;
  readonly batches: BatchReader;
  readonly applier: BatchApplier;
  readonly writer: ChainWriter;
  readonly reader: MvmReader;
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  readonly status: SigningStatus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs: number;
}

/** L1 blocks whose logs one pass reads. */
const range = 1_000n;
const catchingUp = "the chain is still being derived from L1";

/**
 * Follows L1 and makes its batches the chain (docs/spec/derivation.md): safe and finalized heads come from here alone. Works
 * the same for a node that signs and for one with an empty disk.
 */
export class Derivation implements Service {
  readonly name = "derivation";
  readonly #options: DerivationOptions;
  readonly #loop: RunningLoop;
  #unsubscribe: () => void = () => undefined;
  /** Last L1 block whose logs are taken in. */
  #scanned: L1BlockRef | undefined;
  #reorged = true;
  #caughtUp = false;

  constructor(options: DerivationOptions) {
    this.#options = options;
    this.#loop = new RunningLoop({
      name: this.name,
      clock: options.clock,
      logger: options.logger,
      intervalMs: options.pollMs,
      pass: whenL1Answers(() => this.#pass()),
    });
    options.status.hold(catchingUp);
  }

  async start(): Promise<void> {
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

  async #pass(): Promise<"again" | void> {
    const { watcher, status } = this.#options;
    const { head } = watcher.view;
    if (this.#reorged) await this.#realign();
    const done = await this.#scan(head);
    await this.#finalize();
    if (!done) return "again";
    if (!(await this.#anchorsHold())) return;
    if (!this.#caughtUp) this.#options.logger.info("derived everything that L1 holds", { l1: head.number });
    this.#caughtUp = true;
    status.hold(undefined);
  }

  /** Goes back to the last batch that L1 still holds, and reads on from there. */
  async #realign(): Promise<void> {
    const { chain, l1, logger, config, heads, status } = this.#options;
    let last = chain.lastDerived();
    while (last) {
      const now = await l1.block(last.l1BlockNumber);
      if (now?.hash === last.l1BlockHash) break;
      logger.warn("L1 took a batch back", { batchIndex: last.header.batchIndex, l1Block: last.l1BlockNumber });
      await chain.dropDerived(last.header.batchIndex);
      last = chain.lastDerived();
    }
    const from = last ? last.l1BlockNumber - 1n : config.genesisAnchorNumber;
    this.#scanned = await l1.block(from);
    if (!this.#scanned)
      throw new L1Error("l1-block-unknown", "retry", `L1 does not hold block ${from}, where the chain begins`, {
        from,
      });
    if (last) {
      status.retreat(last.header.generation);
      const safe = { number: last.lastBlock, hash: last.lastBlockHash };
      heads.update({ safe, finalized: lower(heads.heads().finalized, safe) });
    }
    this.#reorged = false;
  }

  /** Takes in the next range of L1 blocks. Returns whether the head is reached. */
  async #scan(head: L1BlockRef): Promise<boolean> {
    const { l1, batches } = this.#options;
    const scanned = this.#scanned!;
    if (scanned.number >= head.number) return true;
    const last = scanned.number + range;
    const to = last < head.number ? await this.#block(last) : head;
    const logs = await batches.range(scanned.number + 1n, to.number);
    const stable = (await l1.block(to.number))?.hash === to.hash && (await this.#stillThere(scanned));
    if (!stable) {
      this.#reorged = true;
      return false;
    }
    const stoppedAt = await this.#take(logs, head);
    this.#scanned = stoppedAt === undefined ? to : await this.#block(stoppedAt - 1n);
    return stoppedAt !== undefined || to.number === head.number;
  }

  async #stillThere(block: L1BlockRef): Promise<boolean> {
    return (await this.#options.l1.block(block.number))?.hash === block.hash;
  }

  async #block(number: L1BlockNumber): Promise<L1BlockRef> {
    const block = await this.#options.l1.block(number);
    if (!block) throw new L1Error("l1-block-unknown", "retry", `L1 does not hold block ${number}`, { number });
    return block;
  }

  /** Applies batches in order. A raise of the generation waits until it is l1Depth deep: then returns its L1 block. */
  async #take({ batches }: RollupLogs, head: L1BlockRef): Promise<L1BlockNumber | undefined> {
    const { chain, applier, config, status, heads } = this.#options;
    for (const batch of batches) {
      const parent = chain.lastDerived();
      if (parent && batch.header.batchIndex <= parent.header.batchIndex) continue;
      if (!parent) {
        await this.#takeGenesis(batch);
        continue;
      }
      const raises = batch.header.generation > parent.header.generation;
      if (raises && head.number - batch.l1BlockNumber < BigInt(config.l1Depth)) {
        status.hold(`generation ${batch.header.generation} is not ${config.l1Depth} L1 blocks deep yet`);
        return batch.l1BlockNumber;
      }
      const record = await applier.apply(parent, batch);
      await this.#advanceSafe(record);
    }
    heads.update({ signed: higher(heads.heads().signed, heads.heads().safe) });
    return undefined;
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

  /** Batch 0 is made by the inbox; it must be the one this node's chain config says. */
  async #takeGenesis(batch: PostedBatch): Promise<void> {
    const { config, reader, chain } = this.#options;
    const expected = batchHash(genesisHeader(genesisAnchor(config)));
    if (batch.header.batchIndex !== 0n || batch.batchHash !== expected)
      throw new L1Error("l1-wrong-chain", "halt", "the inbox on L1 is of another chain than this node's config", {
        expected,
        found: batch.batchHash,
      });
    const genesis = await reader.block(0n);
    await chain.putDerived({
      header: batch.header,
      batchHash: batch.batchHash,
      l1BlockNumber: batch.l1BlockNumber,
      l1BlockHash: batch.l1BlockHash,
      transactionHash: batch.transactionHash,
      firstBlock: 0n,
      lastBlock: 0n,
      lastBlockHash: genesis!.hash,
      outputRoots: [genesis!.outputRoot],
      inputsRoot: merkleRoot([zeroHash]),
      verdict: { kind: "good" },
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
    if (batch && batch.lastBlock > heads.heads().finalized.number)
      heads.update({ finalized: { number: batch.lastBlock, hash: batch.lastBlockHash } });
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
