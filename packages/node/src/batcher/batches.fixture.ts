// A batch of two blocks on the genesis, as every honest member has it.
import { batchHash, BlockFlag, profiles, zeroHash } from "@metis/protocol";
import type { BlockInputs, ChainConfig, DataHeader, Hash } from "@metis/protocol";
import { keccak256, toHex } from "viem";
import type { Address, Hex } from "viem";
import { encodePayload } from "@metis/rollup";
import { batchHeader, claimOfBlocks } from "./cut.ts";
import type { BatchBlock, BatchParent } from "./cut.ts";
import type { BatchRequest } from "./messages.ts";
import type { OwnBatch } from "./review.ts";

export const hash = (text: string): Hash => keccak256(toHex(text));
export const proposer: Address = `0x${"0a".repeat(20)}`;

export const config: ChainConfig = {
  ...profiles.devnet.chain,
  l1ChainId: 31_337n,
  l2ChainId: 901_088n,
  genesisAnchorNumber: 100n,
  genesisAnchorHash: hash("anchor 100"),
  genesisAnchorTime: 1_700_000_000n,
};

export const genesisHeader: DataHeader = {
  version: 1,
  batchIndex: 0n,
  parentHash: zeroHash,
  generation: 0,
  epoch: 0n,
  lastTimestamp: config.genesisAnchorTime,
  depositCount: 0n,
  depositQueueHash: zeroHash,
  anchorNumber: config.genesisAnchorNumber,
  anchorHash: config.genesisAnchorHash,
  dataMode: 3,
  payloadHash: zeroHash,
  payloadSize: 0,
  dataCommitment: zeroHash,
  extraHash: zeroHash,
};

export const parent: BatchParent = { header: genesisHeader, lastBlock: 0n, outputRoot: hash("output 0") };
export const payloadParent = {
  time: config.genesisAnchorTime,
  anchorNumber: config.genesisAnchorNumber,
  generation: 0,
};

function inputsOf(number: bigint, flags: number, transactions: readonly Hex[]): BlockInputs {
  const anchorNumber = config.genesisAnchorNumber + number;
  return {
    number,
    time: config.genesisAnchorTime + number * 12n,
    generation: 0,
    flags,
    proposer,
    anchorNumber,
    anchorHash: hash(`anchor ${anchorNumber}`),
    depositStart: 0n,
    depositEnd: 0n,
    rate: 0n,
    attendance: "0x",
    transactions,
  };
}

export const blockOf = (inputs: BlockInputs, outputRoot = hash(`output ${inputs.number}`)): BatchBlock => ({
  inputs,
  hash: hash(`block ${inputs.number}`),
  outputRoot,
});

export const blocks: readonly BatchBlock[] = [
  blockOf(inputsOf(1n, 0, [])),
  blockOf(inputsOf(2n, BlockFlag.batchEnd, [])),
];

export const own: OwnBatch = {
  config,
  parent,
  generation: 0,
  parentHash: batchHash(genesisHeader),
  payloadParent,
  blocks,
  depositQueueHash: zeroHash,
};

/** What an honest builder asks signatures for; with `changed` blocks, what one asks that has others. */
export function requestOf(
  changed: readonly BatchBlock[] = blocks,
  {
    mode = 0,
    versionedHashes = [],
    depositQueueHash = zeroHash,
  }: { readonly mode?: 0 | 1; readonly versionedHashes?: readonly Hash[]; readonly depositQueueHash?: Hash } = {},
): BatchRequest {
  const payload = encodePayload(config.l2ChainId, payloadParent, changed);
  const form = { mode, versionedHashes };
  const header = batchHeader({ config, parent, generation: 0, blocks: changed, depositQueueHash }, payload, form);
  return { header, claim: claimOfBlocks(header, parent, changed), payload };
}
