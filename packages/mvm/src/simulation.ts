import type { Address, Hex } from "viem";
import type { Hash } from "@metis/protocol";
import type { CallRequest, CallResult, LogView, PureAttributes, StateOverride } from "./api.ts";

/** A call in the place of a transaction (eth_simulateV1). */
export interface SimulationCall extends CallRequest {
  readonly maxFeePerBlobGas?: bigint;
  readonly blobVersionedHashes?: readonly Hash[];
}

/** A block that nobody made. Numbers and times rise from block to block. */
export interface SimulationBlock {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
  readonly coinbase: Address;
  readonly prevRandao: Hash;
  readonly parentBeaconBlockRoot: Hash;
  /** Absent: what the parent leads to when validating, else zero. */
  readonly baseFeePerGas?: bigint;
  readonly blobBaseFee?: bigint;
  readonly withdrawals: PureAttributes["withdrawals"];
  readonly stateOverrides: Readonly<Record<Address, StateOverride>>;
  readonly movedPrecompiles: readonly { readonly from: Address; readonly to: Address }[];
  /** Addresses whose precompile does not answer in this block. */
  readonly removedPrecompiles: readonly Address[];
  readonly calls: readonly SimulationCall[];
}

export interface SimulationOptions {
  /** Nonces and base fee count, as in a real block. */
  readonly validation: boolean;
  /** Transfers of the gas token give a log of 0xeeee…ee. */
  readonly traceTransfers: boolean;
  /** Gas of all calls together. */
  readonly gasPool: bigint;
}

export interface SimulatedBlock {
  readonly headerRlp: Hex;
  readonly hash: Hash;
  /** EIP-2718 bytes under a signature of zeros. */
  readonly transactions: readonly Hex[];
  readonly senders: readonly Address[];
  /** Size in bytes of the RLP of the whole block. */
  readonly size: number;
  readonly calls: readonly {
    readonly result: CallResult;
    /** Gas before refunds. */
    readonly maxUsedGas: bigint;
    readonly logs: readonly LogView[];
    /** Number of each log in the block, those of reverted frames counted. */
    readonly logIndexes: readonly number[];
  }[];
}
