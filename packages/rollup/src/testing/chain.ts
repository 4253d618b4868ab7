import {
  batchHash,
  DataMode,
  devnetChainIds,
  encodeRlp,
  epochOf,
  genesisHeader,
  nextQueueHash,
  profiles,
  zeroHash,
  type BlockInputs,
  type ChainConfig,
  type DataHeader,
  type Deposit,
  type Hash,
} from "@metis/protocol";
import { keccak256, bytesToHex, numberToHex, type Address, type Hex } from "viem";
import type { BatchData, DeriveRequest } from "../derivation/deriver.ts";
import { encodePayload, type PayloadBlock } from "../payload/payload.ts";

/** An L1 header with its RLP. */
export interface ScriptedHeader {
  readonly number: bigint;
  readonly time: bigint;
  readonly hash: Hash;
  readonly rlp: Hex;
}

/** Chain id that scripted transactions are signed for. */
export const scriptedChainId = devnetChainIds.l2;
const firstAnchor = 100n;
const firstTime = 1_700_000_000n;
const l1BlockTime = 12n;

/** `count` more L1 blocks on `before`; another `branch` gives other blocks at the same heights. */
export function extendL1(before: readonly ScriptedHeader[], count: number, branch = 0): readonly ScriptedHeader[] {
  const headers = [...before];
  for (let i = 0; i < count; i++) {
    const position = BigInt(headers.length);
    const number = firstAnchor + position;
    const time = firstTime + position * l1BlockTime;
    const parentHash = headers.at(-1)?.hash ?? keccak256(zeroHash);
    const bloom: Hex = `0x${"00".repeat(256)}`;
    const fields = [parentHash, zeroHash, zero20, zeroHash, zeroHash, zeroHash, bloom, 0, number, 30_000_000, 0, time];
    const rlp = bytesToHex(
      encodeRlp([...fields, branch === 0 ? "0x" : numberToHex(branch, { size: 1 }), zeroHash, "0x0000000000000000", 7]),
    );
    headers.push({ number, time, hash: keccak256(rlp), rlp });
  }
  return headers;
}

/** Headers of `count` L1 blocks from the genesis anchor on. */
export const scriptedL1 = (count: number, branch = 0): readonly ScriptedHeader[] => extendL1([], count, branch);
const zero20: Address = `0x${"00".repeat(20)}`;

/** The devnet's config on a scripted L1. */
export const scriptedConfig = (l1: readonly ScriptedHeader[], changes: Partial<ChainConfig> = {}): ChainConfig => ({
  ...profiles.devnet.chain,
  l1ChainId: devnetChainIds.l1,
  l2ChainId: scriptedChainId,
  genesisAnchorNumber: l1[0]!.number,
  genesisAnchorHash: l1[0]!.hash,
  genesisAnchorTime: l1[0]!.time,
  ...changes,
});

export const proposer: Address = "0x00000000000000000000000000000000000000aa";

/** A block on the scripted chain: `anchor` and `at` count L1 blocks and seconds from the genesis anchor. */
export interface ScriptedBlock extends Partial<BlockInputs> {
  readonly anchor: number;
  readonly at: number;
}

/** Fills in what follows from the blocks before: numbers, deposits, flags. */
export function scriptedBlocks(
  l1: readonly ScriptedHeader[],
  blocks: readonly ScriptedBlock[],
  deposits: readonly Deposit[] = [],
): readonly BlockInputs[] {
  let depositStart = 0n;
  return blocks.map(({ anchor, at, ...rest }, i) => {
    const header = l1[anchor]!;
    const depositEnd = BigInt(deposits.filter(({ l1BlockNumber }) => l1BlockNumber <= header.number).length);
    const inputs: BlockInputs = {
      number: BigInt(i) + 1n,
      time: l1[0]!.time + BigInt(at),
      generation: 0,
      flags: i === blocks.length - 1 ? 1 : 0,
      proposer,
      anchorNumber: header.number,
      anchorHash: header.hash,
      depositStart,
      depositEnd,
      rate: 0n,
      attendance: "0x",
      transactions: [],
      ...rest,
    };
    depositStart = depositEnd;
    return inputs;
  });
}

/** Output roots that nothing checks in derivation. */
export const claimed = (blocks: readonly BlockInputs[]): readonly PayloadBlock[] =>
  blocks.map((inputs) => ({ inputs, outputRoot: keccak256(numberToHex(inputs.number, { size: 32 })) }));

/** The payload of `blocks` right after the genesis. */
export const payloadOf = (config: ChainConfig, blocks: readonly BlockInputs[]): Uint8Array =>
  encodePayload(
    config.l2ChainId,
    { time: config.genesisAnchorTime, anchorNumber: config.genesisAnchorNumber, generation: 0 },
    claimed(blocks),
  );

export interface ScriptedBatch {
  readonly config: ChainConfig;
  readonly l1: readonly ScriptedHeader[];
  /** Position of the header's anchor in `l1`. */
  readonly anchor: number;
  readonly lastTime: bigint;
  readonly payload: Uint8Array;
  readonly deposits?: readonly Deposit[];
  readonly header?: Partial<DataHeader>;
  readonly data?: BatchData;
}

/** Batch 1 on the genesis, with a header that fits `payload` as calldata unless `header` and `data` say otherwise. */
export function scriptedRequest(batch: ScriptedBatch): DeriveRequest {
  const { config, l1, payload } = batch;
  const first = l1[0]!;
  const last = l1[batch.anchor]!;
  const parentHeader = genesisHeader({ number: first.number, hash: first.hash, time: first.time });
  const deposits = (batch.deposits ?? []).filter(({ l1BlockNumber }) => l1BlockNumber <= last.number);
  const header: DataHeader = {
    ...parentHeader,
    batchIndex: 1n,
    parentHash: batchHash(parentHeader),
    epoch: epochOf(config, first.number),
    lastTimestamp: batch.lastTime,
    depositCount: BigInt(deposits.length),
    depositQueueHash: deposits.reduce(nextQueueHash, zeroHash),
    anchorNumber: last.number,
    anchorHash: last.hash,
    dataMode: DataMode.calldata,
    payloadHash: keccak256(payload),
    payloadSize: payload.length,
    ...batch.header,
  };
  return {
    config,
    parent: { number: 0n, time: first.time, generation: 0 },
    parentHeader,
    header,
    data: batch.data ?? { kind: "payload", payload },
    deposits,
    l1Headers: l1.slice(0, batch.anchor + 1).map(({ rlp }) => rlp),
  };
}

/** A deposit number `index` in L1 block `position` of the scripted chain. */
export const scriptedDeposit = (index: number, position: number, gasLimit = 100_000n): Deposit => ({
  index: BigInt(index),
  l1BlockNumber: firstAnchor + BigInt(position),
  from: "0x00000000000000000000000000000000000000bb",
  to: "0x00000000000000000000000000000000000000cc",
  mint: BigInt(index) + 1n,
  value: 1n,
  gasLimit,
  isCreation: false,
  data: "0x",
});
