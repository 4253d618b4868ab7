import type { InclusionProof, StateClaim } from "@metis/protocol";
import { hexToBigInt, type Hash, type Hex } from "viem";
import type { ReaderLike } from "../utils/send.ts";

export interface GetInclusionProofParameters {
  /** Of the L2 transaction. */
  readonly hash: Hash;
}
export type { InclusionProof };
/** Null: no batch holds the transaction yet, or the node has forgotten the block's state. */
export type GetInclusionProofReturnType = InclusionProof | null;
/** What viem throws when the endpoint does not answer or has no `rollup_inclusionProof`. */
export type GetInclusionProofErrorType = Error;

type WireClaim = { readonly [Name in keyof StateClaim]: Hex };
type WireProof = Omit<InclusionProof, "batchIndex" | "claim" | "transactionIndex"> &
  Readonly<Record<"batchIndex" | "transactionIndex", Hex>> & { readonly claim: WireClaim };
interface InclusionProofMethod {
  readonly Method: "rollup_inclusionProof";
  readonly Parameters: readonly [Hash];
  readonly ReturnType: WireProof | null;
}

/**
 * Proof of where a transaction stands, from its batch's claim down. Ask soon: it needs the state of the block, which nodes forget.
 *
 * @example
 * const inclusion = await l2Client.getInclusionProof({ hash });
 */
export async function getInclusionProof(
  client: ReaderLike,
  { hash }: GetInclusionProofParameters,
): Promise<GetInclusionProofReturnType> {
  const wire = await client.request<InclusionProofMethod>({ method: "rollup_inclusionProof", params: [hash] });
  if (wire === null) return null;
  const { firstBlock, lastBlock } = wire.claim;
  return {
    ...wire,
    batchIndex: hexToBigInt(wire.batchIndex),
    claim: { ...wire.claim, firstBlock: hexToBigInt(firstBlock), lastBlock: hexToBigInt(lastBlock) },
    transactionIndex: hexToBigInt(wire.transactionIndex),
  };
}
