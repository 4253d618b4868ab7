import type { BlockView, MvmReader } from "@metis/mvm";
import { decodeRlp } from "@metis/protocol";
import type { ChainConfig, Hash, L1BlockNumber, L2BlockNumber, Timestamp } from "@metis/protocol";
import { bytesToBigInt, hexToBytes } from "viem";
import type { Hex } from "viem";

/** What a block takes over from its parent. */
export interface ParentView {
  readonly number: L2BlockNumber;
  readonly hash: Hash;
  readonly time: Timestamp;
  readonly anchorNumber: L1BlockNumber;
  readonly anchorHash: Hash;
  /** Deposits consumed so far. */
  readonly depositEnd: bigint;
  /** Base fee of the child, wei. */
  readonly nextBaseFee: bigint;
  readonly outputRoot: Hash;
}

/** The parent view of block `number`. Throws when this node has no such block, which is a bug of the caller. */
export async function parentView(config: ChainConfig, reader: MvmReader, number: L2BlockNumber): Promise<ParentView> {
  const block = await reader.block(number);
  if (!block) throw new Error(`block ${number} is not stored`);
  return { ...placeOf(config, block), ...fieldsOf(block.headerRlp), outputRoot: block.outputRoot };
}

const placeOf = (config: ChainConfig, { number, hash, inputs }: BlockView) => ({
  number,
  hash,
  anchorNumber: inputs?.anchorNumber ?? config.genesisAnchorNumber,
  anchorHash: inputs?.anchorHash ?? config.genesisAnchorHash,
  depositEnd: inputs?.depositEnd ?? 0n,
});

/** Positions in a header's RLP list (Yellow Paper, section 4.4.3; EIP-1559). */
const position = { gasLimit: 9, gasUsed: 10, timestamp: 11, baseFee: 15 } as const;

function fieldsOf(headerRlp: Hex): Pick<ParentView, "time" | "nextBaseFee"> {
  const items = decodeRlp(hexToBytes(headerRlp)) as readonly Uint8Array[];
  const read = (name: keyof typeof position): bigint => bytesToBigInt(items[position[name]] ?? new Uint8Array());
  return { time: read("timestamp"), nextBaseFee: nextBaseFee(read("baseFee"), read("gasUsed"), read("gasLimit")) };
}

/** EIP-1559 with Ethereum's constants. */
export function nextBaseFee(baseFee: bigint, gasUsed: bigint, gasLimit: bigint): bigint {
  const target = gasLimit / 2n;
  if (gasUsed === target) return baseFee;
  if (gasUsed > target) {
    const rise = (baseFee * (gasUsed - target)) / target / 8n;
    return baseFee + (rise > 1n ? rise : 1n);
  }
  return baseFee - (baseFee * (target - gasUsed)) / target / 8n;
}
