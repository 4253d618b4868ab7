import type { MvmReader } from "@metis/mvm";
import { BlockFlag, epochOf } from "@metis/protocol";
import type { BlockInputs, ChainConfig, Epoch, L1BlockNumber, L2BlockNumber } from "@metis/protocol";
import { BatchCutter } from "@metis/rollup";

/** Whether `inputs` ends its batch. */
export const endsBatch = ({ flags }: Pick<BlockInputs, "flags">): boolean => (flags & BlockFlag.batchEnd) !== 0;

/** The batch that blocks are being added to. */
export interface OpenBatch {
  /** That of the anchor before the batch (docs/spec/derivation.md). */
  readonly epoch: Epoch;
  readonly cutter: BatchCutter;
}

/** The batch that the block after `head` belongs to, read from the blocks since the last batch end. */
export async function readOpenBatch(
  config: ChainConfig,
  reader: Pick<MvmReader, "block">,
  head: L2BlockNumber,
): Promise<OpenBatch> {
  const blocks: BlockInputs[] = [];
  let parentAnchor = config.genesisAnchorNumber;
  for (let number = head; number > 0n; number--) {
    const inputs = (await reader.block(number))?.inputs;
    if (!inputs) break;
    if (endsBatch(inputs)) {
      parentAnchor = inputs.anchorNumber;
      break;
    }
    blocks.push(inputs);
  }
  const batch = emptyBatch(config, parentAnchor);
  for (const inputs of blocks.toReversed()) batch.cutter.add(inputs, false);
  return batch;
}

/** The open batch once `inputs` is committed. */
export function afterBlock(config: ChainConfig, batch: OpenBatch, inputs: BlockInputs): OpenBatch {
  if (endsBatch(inputs)) return emptyBatch(config, inputs.anchorNumber);
  batch.cutter.add(inputs, false);
  return batch;
}

const emptyBatch = (config: ChainConfig, parentAnchor: L1BlockNumber): OpenBatch => ({
  epoch: epochOf(config, parentAnchor),
  cutter: new BatchCutter(config, parentAnchor),
});
