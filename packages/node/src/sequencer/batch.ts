import type { MvmReader } from "@metis/mvm";
import { BlockFlag, epochOf } from "@metis/protocol";
import type { BlockInputs, ChainConfig, Epoch, L2BlockNumber, Timestamp } from "@metis/protocol";

/** Whether `inputs` ends its batch. */
export const endsBatch = ({ flags }: Pick<BlockInputs, "flags">): boolean => (flags & BlockFlag.batchEnd) !== 0;

/** The batch that blocks are being added to. */
export interface OpenBatch {
  readonly firstBlock: L2BlockNumber;
  /** That of the anchor before the batch (docs/spec/derivation.md). */
  readonly epoch: Epoch;
  /** Inputs of its blocks so far, in order. */
  readonly blocks: readonly BlockInputs[];
}

/** The batch that the block after `head` belongs to, read from the blocks since the last batch end. */
export async function readOpenBatch(config: ChainConfig, reader: MvmReader, head: L2BlockNumber): Promise<OpenBatch> {
  const blocks: BlockInputs[] = [];
  for (let number = head; number > 0n; number--) {
    const inputs = (await reader.block(number))?.inputs;
    if (!inputs || endsBatch(inputs)) return open(config, number + 1n, inputs, blocks.toReversed());
    blocks.push(inputs);
  }
  return open(config, 1n, undefined, blocks.toReversed());
}

/** The open batch once `inputs` is committed. */
export const afterBlock = (config: ChainConfig, batch: OpenBatch, inputs: BlockInputs): OpenBatch =>
  endsBatch(inputs) ? open(config, inputs.number + 1n, inputs, []) : { ...batch, blocks: [...batch.blocks, inputs] };

/** Time at which the batch began, if it has a block. */
export const batchStart = (batch: OpenBatch): Timestamp | undefined => batch.blocks[0]?.time;

const open = (
  config: ChainConfig,
  firstBlock: L2BlockNumber,
  before: BlockInputs | undefined,
  blocks: readonly BlockInputs[],
): OpenBatch => ({
  firstBlock,
  epoch: epochOf(config, before?.anchorNumber ?? config.genesisAnchorNumber),
  blocks,
});
