import type { Epoch, Generation, Hash, L1BlockNumber, Timestamp } from "./brands.ts";
import { merkleRoot } from "./blockInputs.ts";
import { zeroHash } from "./deposit.ts";
import { outputRoot, type OutputRootPreimage } from "./header.ts";
import { DataMode, type ChainConfig, type DataHeader, type StateClaim } from "./structs.ts";
import { batchHash } from "./typedData.ts";

/** `version` of every DataHeader (docs/spec/structs.md). */
export const headerVersion = 1;

/** An L1 block as L2 refers to it. */
export interface Anchor {
  readonly number: L1BlockNumber;
  readonly hash: Hash;
  readonly time: Timestamp;
}

/** The L1 block that L2 starts from. */
export const genesisAnchor = (config: ChainConfig): Anchor => ({
  number: config.genesisAnchorNumber,
  hash: config.genesisAnchorHash,
  time: config.genesisAnchorTime,
});

/** Epoch that an anchor lies in (docs/spec/derivation.md). Throws `RangeError` below the genesis anchor. */
export function epochOf(
  config: Pick<ChainConfig, "genesisAnchorNumber" | "epochLength">,
  anchorNumber: L1BlockNumber,
): Epoch {
  if (anchorNumber < config.genesisAnchorNumber) throw new RangeError("anchor below the genesis anchor");
  return (anchorNumber - config.genesisAnchorNumber) / BigInt(config.epochLength);
}

/** DataHeader 0. */
export const genesisHeader = (anchor: Anchor): DataHeader => ({
  version: headerVersion,
  batchIndex: 0n,
  parentHash: zeroHash,
  generation: 0,
  epoch: 0n,
  lastTimestamp: anchor.time,
  depositCount: 0n,
  depositQueueHash: zeroHash,
  anchorNumber: anchor.number,
  anchorHash: anchor.hash,
  dataMode: DataMode.none,
  payloadHash: zeroHash,
  payloadSize: 0,
  dataCommitment: zeroHash,
  extraHash: zeroHash,
});

/** StateClaim 0, settled from the start. */
export const genesisClaim = (header: DataHeader, genesis: OutputRootPreimage): StateClaim => {
  const root = outputRoot(genesis);
  return {
    batchHash: batchHash(header),
    prevOutputRoot: zeroHash,
    inputsRoot: zeroHash,
    outputsRoot: merkleRoot([root]),
    firstBlock: 0n,
    lastBlock: 0n,
    lastBlockHash: genesis.blockHash,
    outputRoot: root,
    extraHash: zeroHash,
  };
};

/** The claim that certifies a batch's order alone. */
export const emptyClaim = (header: DataHeader): StateClaim => ({
  batchHash: batchHash(header),
  prevOutputRoot: zeroHash,
  inputsRoot: zeroHash,
  outputsRoot: zeroHash,
  firstBlock: 0n,
  lastBlock: 0n,
  lastBlockHash: zeroHash,
  outputRoot: zeroHash,
  extraHash: zeroHash,
});

/** Whether a claim certifies the order alone: every field but `batchHash` is zero (docs/spec/structs.md). */
export const isEmptyClaim = (claim: StateClaim): boolean =>
  Object.values({ ...claim, batchHash: zeroHash }).every((value) => BigInt(value) === 0n);

/** What the inbox knows when it appends an escape header. */
export interface EscapeFacts {
  readonly generation: Generation;
  /** Timestamp of the L1 block that holds the escape. */
  readonly l1Time: Timestamp;
  readonly anchor: { readonly number: L1BlockNumber; readonly hash: Hash };
  /** Deposits in L1 blocks up to the anchor, and the queue hash there. */
  readonly depositCount: bigint;
  readonly depositQueueHash: Hash;
}

/** The header that `BatchInbox.escape` appends to `parent`. */
export const escapeHeader = (config: ChainConfig, parent: DataHeader, facts: EscapeFacts): DataHeader => ({
  version: headerVersion,
  batchIndex: parent.batchIndex + 1n,
  parentHash: batchHash(parent),
  generation: facts.generation + 1,
  epoch: epochOf(config, parent.anchorNumber),
  lastTimestamp: facts.l1Time,
  depositCount: facts.depositCount,
  depositQueueHash: facts.depositQueueHash,
  anchorNumber: facts.anchor.number,
  anchorHash: facts.anchor.hash,
  dataMode: DataMode.none,
  payloadHash: zeroHash,
  payloadSize: 0,
  dataCommitment: zeroHash,
  extraHash: zeroHash,
});
