import type { BlockContext, MvmReader } from "@metis/mvm";
import { DataMode, inputsLeaf, merkleRoot, zeroHash } from "@metis/protocol";
import type { BlockInputs, ChainConfig, Hash } from "@metis/protocol";
import type { BatchSink, DeriveParent, DerivedStep, GatheredBatch } from "@metis/rollup";
import type { Logger } from "@metis/runtime";
import type { DerivedBatch, Divergence } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import type { PostedBatch } from "../l1/batches.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import type { ChainWriter } from "./chainWriter.ts";

export interface BatchApplierOptions {
  readonly config: ChainConfig;
  readonly writer: Pick<ChainWriter, "holds" | "execute" | "takeBack">;
  readonly reader: Pick<MvmReader, "block">;
  readonly chain: ChainStore;
  readonly status: SigningStatus;
  readonly logger: Logger;
}

/**
 * The end of the derivation pipeline, execute and output: makes one batch part of the chain, compares with what is here, takes
 * back and executes where they differ.
 */
export class BatchApplier implements BatchSink<DerivedBatch, PostedBatch> {
  readonly #options: BatchApplierOptions;

  constructor(options: BatchApplierOptions) {
    this.#options = options;
  }

  /** Batch 0, which the inbox made itself. */
  async genesis(batch: PostedBatch): Promise<DerivedBatch> {
    const { reader, chain } = this.#options;
    const genesis = await reader.block(0n);
    const record: DerivedBatch = {
      ...placeOf(batch),
      firstBlock: 0n,
      lastBlock: 0n,
      lastBlockHash: genesis!.hash,
      outputRoots: [genesis!.outputRoot],
      inputsRoot: merkleRoot([zeroHash]),
      verdict: { kind: "good" },
    };
    await chain.putDerived(record);
    return record;
  }

  async lastBlock({ lastBlock }: DerivedBatch): Promise<DeriveParent> {
    const { config, reader } = this.#options;
    const inputs = (await reader.block(lastBlock))?.inputs;
    return {
      number: lastBlock,
      time: inputs?.time ?? config.genesisAnchorTime,
      generation: inputs?.generation ?? 0,
    };
  }

  async adopt(_: DerivedBatch, { batch, gathered, result }: DerivedStep<PostedBatch>): Promise<DerivedBatch> {
    const { chain, status, logger } = this.#options;
    if (result.reason !== undefined && batch.header.dataMode !== DataMode.none)
      logger.warn("a batch is bad and becomes deposits-only blocks", {
        batchIndex: batch.header.batchIndex,
        reason: result.reason,
      });
    await this.#hold(batch, result.blocks, gathered);
    const record = await this.#record(batch, result.blocks, result.reason);
    await this.#compareOutputs(record, result.claimedOutputRoots);
    await chain.putDerived(record);
    status.adopt(batch.header.generation);
    return record;
  }

  /** Brings the chain to hold `blocks`. */
  async #hold(batch: PostedBatch, blocks: readonly BlockInputs[], gathered: GatheredBatch): Promise<void> {
    const { writer } = this.#options;
    for (const [position, inputs] of blocks.entries()) {
      const held = await writer.holds(inputs);
      if (held === "same") continue;
      if (held === "other") await this.#contradicted(batch, inputs);
      await writer.execute(blocks.slice(position).map((missing) => contextOf(missing, gathered)));
      return;
    }
  }

  /** The chain holds another block at this height: an escape dropped it, or L1 contradicts what was signed. */
  async #contradicted(batch: PostedBatch, inputs: BlockInputs): Promise<void> {
    const { writer, reader, chain, status, logger } = this.#options;
    const own = await reader.block(inputs.number);
    const ownGeneration = own?.inputs?.generation ?? 0;
    const { batchIndex, generation } = batch.header;
    if (generation > ownGeneration) {
      logger.warn("signed blocks are dropped: L1 went on in a new generation", {
        above: inputs.number - 1n,
        generation,
      });
      await status.leave(ownGeneration);
    } else {
      const signed = chain.certificate(inputs.number) !== undefined;
      const divergence: Divergence = {
        kind: "batch-contradicts",
        generation: ownGeneration,
        number: inputs.number,
        signedHash: own!.hash,
        batchIndex,
        anchorNumber: inputs.anchorNumber,
        anchorHash: inputs.anchorHash,
        message: `batch ${batchIndex} on L1 leads to another block ${inputs.number} than the one signed here`,
      };
      if (signed) await status.halt(divergence);
      else logger.warn("an unsigned block differs from L1", { ...divergence });
    }
    await writer.takeBack(inputs.number - 1n, batchIndex, ownGeneration);
  }

  async #record(batch: PostedBatch, blocks: readonly BlockInputs[], reason: string | undefined): Promise<DerivedBatch> {
    const outputRoots: Hash[] = [];
    let lastBlockHash: Hash = "0x";
    for (const { number } of blocks) {
      const block = await this.#options.reader.block(number);
      outputRoots.push(block!.outputRoot);
      lastBlockHash = block!.hash;
    }
    return {
      ...placeOf(batch),
      firstBlock: blocks[0]!.number,
      lastBlock: blocks.at(-1)!.number,
      lastBlockHash,
      outputRoots,
      inputsRoot: merkleRoot(blocks.map(inputsLeaf)),
      verdict: reason === undefined ? { kind: "good" } : { kind: "fallback", reason },
    };
  }

  /** The payload's output roots against our own execution: a difference is a wrong claim by more than two thirds, or a bug. */
  async #compareOutputs(record: DerivedBatch, claimed: readonly Hash[]): Promise<void> {
    const wrong = claimed.findIndex((root, position) => root !== record.outputRoots[position]);
    if (wrong < 0) return;
    const number = record.firstBlock + BigInt(wrong);
    const { header } = record;
    await this.#options.status.halt({
      kind: "claim-contradicts",
      generation: header.generation,
      number,
      signedHash: record.lastBlockHash,
      batchIndex: header.batchIndex,
      anchorNumber: header.anchorNumber,
      anchorHash: header.anchorHash,
      message: `batch ${header.batchIndex} claims another state after block ${number} than its execution here gives`,
    });
  }
}

const placeOf = ({ header, batchHash, l1BlockNumber, l1BlockHash, transactionHash }: PostedBatch) => ({
  header,
  batchHash,
  l1BlockNumber,
  l1BlockHash,
  transactionHash,
});

const contextOf = (inputs: BlockInputs, { anchors, deposits }: GatheredBatch): BlockContext => ({
  inputs,
  anchorHeader: anchors.get(inputs.anchorHash)!,
  deposits: deposits.filter(({ index }) => index >= inputs.depositStart && index < inputs.depositEnd),
});
