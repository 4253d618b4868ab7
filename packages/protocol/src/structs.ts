import type { Address, Hex } from "viem";
import type { Epoch, Generation, Hash, L1BlockNumber, L2BlockNumber, Timestamp } from "./brands.ts";

/** An entry of the L1 deposit queue (docs/spec/structs.md, "Deposit"). */
export interface Deposit {
  readonly index: bigint;
  readonly l1BlockNumber: L1BlockNumber;
  /** Already aliased when the L1 caller was a contract. */
  readonly from: Address;
  /** The zero address when `isCreation`. */
  readonly to: Address;
  /** METIS wei credited to `from` whatever happens after. */
  readonly mint: bigint;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly isCreation: boolean;
  readonly data: Hex;
}

/** What a block is made of, before execution (docs/spec/structs.md, "Block inputs leaf"). */
export interface BlockInputs {
  readonly number: L2BlockNumber;
  readonly time: Timestamp;
  readonly generation: Generation;
  /** Bit 0: ends a batch. Bit 1: fallback. */
  readonly flags: number;
  /** Zero address in fallback blocks. */
  readonly proposer: Address;
  readonly anchorNumber: L1BlockNumber;
  readonly anchorHash: Hash;
  /** Deposits `depositStart <= index < depositEnd` are consumed. */
  readonly depositStart: bigint;
  readonly depositEnd: bigint;
  /** METIS wei per ETH, before clamping; 0 = unchanged. */
  readonly rate: bigint;
  /** At most 64 opaque bytes; empty unless the anchor moves. */
  readonly attendance: Hex;
  /** Signed EIP-2718 bytes as posted, skipped ones included. */
  readonly transactions: readonly Hex[];
}

/** Order of a batch, final when L1 has it. */
export interface DataHeader {
  readonly version: number;
  readonly batchIndex: bigint;
  readonly parentHash: Hash;
  readonly generation: Generation;
  readonly epoch: Epoch;
  readonly lastTimestamp: Timestamp;
  readonly depositCount: bigint;
  readonly depositQueueHash: Hash;
  readonly anchorNumber: L1BlockNumber;
  readonly anchorHash: Hash;
  readonly dataMode: number;
  readonly payloadHash: Hash;
  readonly payloadSize: number;
  readonly dataCommitment: Hash;
  readonly extraHash: Hash;
}

/** Where the data of a batch lies. */
export const DataMode = { calldata: 0, blobs: 1, offChain: 2, none: 3 } as const;

/** State that a batch is claimed to lead to; can be disputed. */
export interface StateClaim {
  readonly batchHash: Hash;
  readonly prevOutputRoot: Hash;
  readonly inputsRoot: Hash;
  readonly outputsRoot: Hash;
  readonly firstBlock: L2BlockNumber;
  readonly lastBlock: L2BlockNumber;
  readonly lastBlockHash: Hash;
  readonly outputRoot: Hash;
  readonly extraHash: Hash;
}

/** What a member signs for one block, at most once for a (generation, number). */
export interface BlockAttestation {
  readonly generation: Generation;
  readonly epoch: Epoch;
  readonly number: L2BlockNumber;
  readonly blockHash: Hash;
  readonly outputRoot: Hash;
  readonly anchorNumber: L1BlockNumber;
  readonly anchorHash: Hash;
}

/**
 * A leader's word on the order: in blocks `firstBlock` to `lastBlock` that its signer proposes in `generation`, transactions with
 * receipts stand by rising sequence (docs/spec/receipts.md).
 */
export interface Receipt {
  readonly generation: Generation;
  readonly transactionHash: Hash;
  readonly sequence: bigint;
  readonly firstBlock: L2BlockNumber;
  readonly lastBlock: L2BlockNumber;
}

/** A seat of an epoch's set. Lists are sorted strictly ascending by signer. */
export interface SetMember {
  readonly signer: Address;
  readonly weight: bigint;
}

/** Path A certificate: bitmap over `members`, 65-byte signatures in bit order. */
export interface Certificate {
  readonly bitmap: bigint;
  readonly signatures: Hex;
  readonly members: readonly SetMember[];
}

/** Entry of L2ToL1MessagePasser. */
export interface Withdrawal {
  readonly nonce: bigint;
  readonly sender: Address;
  readonly target: Address;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly data: Hex;
}

/** L1 and L2 addresses, genesis hash: what `genesisConfigHash` binds. */
export interface GenesisConfig {
  readonly l1ChainId: bigint;
  readonly l2ChainId: bigint;
  readonly batchInbox: Address;
  readonly portal: Address;
  readonly stateClaims: Address;
  readonly systemConfig: Address;
  readonly metisToken: Address;
  readonly l1Messenger: Address;
  readonly l1StandardBridge: Address;
  readonly l2GenesisHash: Hash;
}

/** Parameters that change derivation or execution (docs/spec/structs.md, "Chain config"). Times in seconds. */
export interface ChainConfig {
  readonly version: number;
  readonly l1ChainId: bigint;
  readonly l2ChainId: bigint;
  /** Ethereum's rules and nothing else. */
  readonly pure: boolean;
  readonly blockTime: number;
  readonly heartbeat: number;
  /** Blocks a leader keeps the lead. */
  readonly term: number;
  readonly gasLimit: bigint;
  readonly depositGasLimit: bigint;
  readonly maxBlockBytes: number;
  readonly maxBatchBytes: number;
  readonly maxBatchAge: number;
  readonly maxDrift: number;
  /** L1 blocks. */
  readonly maxAnchorStep: number;
  readonly maxBatchAnchors: number;
  readonly epochLength: number;
  readonly l1Depth: number;
  readonly genesisAnchorNumber: L1BlockNumber;
  readonly genesisAnchorHash: Hash;
  readonly genesisAnchorTime: Timestamp;
  /** METIS wei per ETH. */
  readonly initialRate: bigint;
  readonly l1BaseFeeScalar: number;
  readonly l1BlobBaseFeeScalar: number;
  readonly blobSchedule: readonly { readonly l1Timestamp: Timestamp; readonly baseFeeUpdateFraction: bigint }[];
  readonly forks: readonly { readonly name: string; readonly l2Timestamp: Timestamp }[];
}
