import type {
  BlockAttestation,
  Certificate,
  DataHeader,
  Generation,
  Hash,
  L1BlockNumber,
  L2BlockNumber,
  StateClaim,
} from "@metis/protocol";
import type { Hex } from "viem";

/** A block certificate with what it says. */
export interface SignedBlock {
  readonly attestation: BlockAttestation;
  readonly certificate: Certificate;
}

/** A batch as this node cut it: the same bytes are posted however often that takes. */
export interface CutBatch {
  readonly header: DataHeader;
  readonly claim: StateClaim;
  readonly certificate: Certificate;
  /** Mode 1: in the order of the transaction. */
  readonly versionedHashes: readonly Hash[];
  readonly payload: Hex;
}

/** Why a batch became deposits-only blocks, or what else the derivation noticed. */
export type BatchVerdict =
  /** Its blocks are what its payload says. */
  | { readonly kind: "good" }
  /** Anyone with the data sees that it is bad; it became deposits-only blocks. */
  | { readonly kind: "fallback"; readonly reason: string };

/** A batch on L1 with the blocks that it derives to. */
export interface DerivedBatch {
  readonly header: DataHeader;
  readonly batchHash: Hash;
  readonly l1BlockNumber: L1BlockNumber;
  readonly l1BlockHash: Hash;
  readonly transactionHash: Hash;
  readonly firstBlock: L2BlockNumber;
  readonly lastBlock: L2BlockNumber;
  readonly lastBlockHash: Hash;
  /** Output roots of the blocks, in order, as this node computed them. */
  readonly outputRoots: readonly Hash[];
  readonly inputsRoot: Hash;
  readonly verdict: BatchVerdict;
}

/** L1 gave another chain than the one that was signed here (docs/spec/derivation.md). */
export interface Divergence {
  readonly kind: "batch-contradicts" | "claim-contradicts" | "anchor-gone" | "pool-contradicts";
  readonly generation: Generation;
  readonly number: L2BlockNumber;
  readonly signedHash: Hash;
  readonly batchIndex: bigint | undefined;
  readonly anchorNumber: L1BlockNumber;
  readonly anchorHash: Hash;
  /** One sentence for the operator. */
  readonly message: string;
}
