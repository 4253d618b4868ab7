import type { BlockView, MvmReader } from "@metis/mvm";
import type { ChainConfig, Generation, Hash, L1BlockNumber, L2BlockNumber, Timestamp } from "@metis/protocol";
import type { Hex } from "viem";
import { nextBaseFee } from "../rpc/blockFees.ts";
import { decodeHeader } from "../rpc/header.ts";

/** What a block takes over from its parent. */
export interface ParentView {
  readonly number: L2BlockNumber;
  readonly hash: Hash;
  readonly time: Timestamp;
  readonly generation: Generation;
  readonly anchorNumber: L1BlockNumber;
  readonly anchorHash: Hash;
  /** Deposits consumed so far. */
  readonly depositEnd: bigint;
  /** Base fee of the child, wei. */
  readonly nextBaseFee: bigint;
  readonly outputRoot: Hash;
}

/** The parent view of block `number`. Throws when this node has no such block, which is a bug of the caller. */
export async function parentView(
  config: ChainConfig,
  reader: Pick<MvmReader, "block">,
  number: L2BlockNumber,
): Promise<ParentView> {
  const block = await reader.block(number);
  if (!block) throw new Error(`block ${number} is not stored`);
  return { ...placeOf(config, block), ...fieldsOf(block.headerRlp), outputRoot: block.outputRoot };
}

const placeOf = (config: ChainConfig, { number, hash, inputs }: BlockView) => ({
  number,
  hash,
  generation: inputs?.generation ?? 0,
  anchorNumber: inputs?.anchorNumber ?? config.genesisAnchorNumber,
  anchorHash: inputs?.anchorHash ?? config.genesisAnchorHash,
  depositEnd: inputs?.depositEnd ?? 0n,
});

function fieldsOf(headerRlp: Hex): Pick<ParentView, "time" | "nextBaseFee"> {
  const header = decodeHeader(headerRlp);
  return { time: header.timestamp, nextBaseFee: nextBaseFee(header) ?? 0n };
}
