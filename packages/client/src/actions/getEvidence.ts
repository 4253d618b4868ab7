import type { Address, Hex } from "viem";
import type { ReaderLike } from "../utils/send.ts";

/** What L1 can be shown against a seat. */
export interface Evidence {
  /** Names the offence. */
  readonly id: string;
  readonly signer: Address;
  /** What the seat did, in words. */
  readonly offence: string;
  /** The contract on L1 that takes it, and the call that shows it: `reportEvidence` checks both before it sends them. */
  readonly to: Address;
  readonly data: Hex;
}

export type GetEvidenceReturnType = readonly Evidence[];
/** What viem throws when the endpoint does not answer or has no `rollup_evidence`. */
export type GetEvidenceErrorType = Error;

interface EvidenceMethod {
  readonly Method: "rollup_evidence";
  readonly Parameters?: undefined;
  readonly ReturnType: readonly Evidence[];
}

/**
 * What a node has found against seats, what L1 has taken already included.
 *
 * @example
 * for (const evidence of await l2Client.getEvidence()) await l1Wallet.reportEvidence({ evidence });
 */
export const getEvidence = (client: ReaderLike): Promise<GetEvidenceReturnType> =>
  client.request<EvidenceMethod>({ method: "rollup_evidence" });
