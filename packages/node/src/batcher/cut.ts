import { batchHash, DataMode, epochOf, hashBytes, inputsLeaf, merkleRoot, zeroHash } from "@metis/protocol";
import type {
  BlockInputs,
  Certificate,
  ChainConfig,
  DataHeader,
  Generation,
  Hash,
  L2BlockNumber,
  StateClaim,
} from "@metis/protocol";
import type { MvmReader } from "@metis/mvm";
import { bytesToHex, keccak256 } from "viem";
import type { CutBatch, DerivedBatch } from "../heads/records.ts";
import { endsBatch } from "../sequencer/batch.ts";
import { BatcherError } from "./errors.ts";
import type { BatchRequest } from "./messages.ts";

/** A block as a batch needs it. */
export interface BatchBlock {
  readonly inputs: BlockInputs;
  readonly hash: Hash;
  readonly outputRoot: Hash;
}

/** What a batch is built on: the header before it, and where its blocks end. */
export interface BatchParent {
  readonly header: DataHeader;
  readonly lastBlock: L2BlockNumber;
  readonly outputRoot: Hash;
}

/** A batch as this node made it, or as another did and it agrees. */
export interface BatchDraft extends BatchRequest {
  /** Mode 1: in the order of the transaction. */
  readonly versionedHashes: readonly Hash[];
}

/** How the data of a batch travels. */
export interface DataForm {
  readonly mode: typeof DataMode.calldata | typeof DataMode.blobs;
  /** Mode 1 only. */
  readonly versionedHashes: readonly Hash[];
}

/** What the batch after `derived` is built on. */
export const parentOf = (derived: DerivedBatch): BatchParent => ({
  header: derived.header,
  lastBlock: derived.lastBlock,
  outputRoot: derived.outputRoots.at(-1)!,
});

/** The blocks after `parent` up to the next batch end, if all are there up to `signed`. */
export async function readBatchBlocks(
  reader: MvmReader,
  parent: BatchParent,
  signed: L2BlockNumber,
): Promise<readonly BatchBlock[] | undefined> {
  const blocks: BatchBlock[] = [];
  for (let number = parent.lastBlock + 1n; number <= signed; number++) {
    const block = await reader.block(number);
    if (!block?.inputs)
      throw new BatcherError("inconsistent", "halt", `block ${number} is not stored with its inputs`, { number });
    blocks.push({ inputs: block.inputs, hash: block.hash, outputRoot: block.outputRoot });
    if (endsBatch(block.inputs)) return blocks;
  }
  return undefined;
}

/** What a header says beside its data. */
export interface BatchPlace {
  readonly config: ChainConfig;
  readonly parent: BatchParent;
  /** Of the inbox. */
  readonly generation: Generation;
  readonly blocks: readonly BatchBlock[];
  readonly depositQueueHash: Hash;
}

/** The header of the batch that `blocks` make on `parent`. */
export function batchHeader(
  { config, parent, generation, blocks, depositQueueHash }: BatchPlace,
  payload: Uint8Array,
  form: DataForm,
): DataHeader {
  const last = blocks.at(-1)!.inputs;
  const isCalldata = form.mode === DataMode.calldata;
  return {
    version: 1,
    batchIndex: parent.header.batchIndex + 1n,
    parentHash: batchHash(parent.header),
    generation,
    epoch: epochOf(config, parent.header.anchorNumber),
    lastTimestamp: last.time,
    depositCount: last.depositEnd,
    depositQueueHash,
    anchorNumber: last.anchorNumber,
    anchorHash: last.anchorHash,
    dataMode: form.mode,
    payloadHash: isCalldata ? hashBytes(payload) : zeroHash,
    payloadSize: payload.length,
    dataCommitment: isCalldata
      ? zeroHash
      : keccak256(`0x${form.versionedHashes.map((hash) => hash.slice(2)).join("")}`),
    extraHash: zeroHash,
  };
}

/** The claim of a batch of this node's own blocks, posted under `header`. */
export function claimOfBlocks(header: DataHeader, parent: BatchParent, blocks: readonly BatchBlock[]): StateClaim {
  const last = blocks.at(-1)!;
  return {
    batchHash: batchHash(header),
    prevOutputRoot: parent.outputRoot,
    inputsRoot: merkleRoot(blocks.map(({ inputs }) => inputsLeaf(inputs))),
    outputsRoot: merkleRoot(blocks.map(({ outputRoot }) => outputRoot)),
    firstBlock: blocks[0]!.inputs.number,
    lastBlock: last.inputs.number,
    lastBlockHash: last.hash,
    outputRoot: last.outputRoot,
    extraHash: zeroHash,
  };
}

/** The claim of a batch as this node derived and executed it. */
export const claimOfDerived = (batch: DerivedBatch, prevOutputRoot: Hash): StateClaim => ({
  batchHash: batch.batchHash,
  prevOutputRoot,
  inputsRoot: batch.inputsRoot,
  outputsRoot: merkleRoot(batch.outputRoots),
  firstBlock: batch.firstBlock,
  lastBlock: batch.lastBlock,
  lastBlockHash: batch.lastBlockHash,
  outputRoot: batch.outputRoots.at(-1)!,
  extraHash: zeroHash,
});

/** Everything of a certified batch, ready to be stored and posted. */
export const cutBatch = ({ payload, ...draft }: BatchDraft, certificate: Certificate): CutBatch => ({
  ...draft,
  certificate,
  payload: bytesToHex(payload),
});
