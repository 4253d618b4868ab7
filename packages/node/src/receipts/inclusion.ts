import { MvmError, orderedProof } from "@metis/mvm";
import type { MvmReader } from "@metis/mvm";
import { fromHex, merklePath, predeploys, toHex } from "@metis/protocol";
import type { InclusionProof, L2BlockNumber } from "@metis/protocol";
import { ownClaim } from "../batcher/cosigner.ts";
import type { ChainStore } from "../heads/store.ts";
import { decodeHeader } from "../rpc/header.ts";

export interface InclusionSource {
  readonly chain: Pick<ChainStore, "derived" | "derivedOf">;
  readonly reader: Pick<MvmReader, "block" | "proof">;
}

/**
 * Proof of transaction `index` of block `number`, with the claim on its batch as this node would make it: no other can settle. Nothing
 * when the block is in no batch, or its state is not kept any more.
 */
export async function proveInclusion(
  { chain, reader }: InclusionSource,
  number: L2BlockNumber,
  index: number,
): Promise<InclusionProof | undefined> {
  const batch = chain.derivedOf(number);
  const block = await reader.block(number);
  const account = await unlessForgotten(reader.proof(predeploys.l2ToL1MessagePasser, [], number));
  if (!batch || !block || !account) return undefined;
  const transactions = block.transactions.map(fromHex);
  return {
    batchIndex: batch.header.batchIndex,
    claim: ownClaim(chain, batch),
    outputPath: merklePath(batch.outputRoots, Number(number - batch.firstBlock)),
    stateRoot: decodeHeader(block.headerRlp).stateRoot,
    messagePasserStorageRoot: account.storageRoot,
    header: block.headerRlp,
    transactionIndex: BigInt(index),
    transactionProof: orderedProof(transactions, index).map(toHex),
  };
}

async function unlessForgotten<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof MvmError && error.code === "state-unavailable") return undefined;
    throw error;
  }
}
