import type { BlockInputs, ChainConfig, Deposit, Hash, L2BlockNumber } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { PureSchedule } from "./genesis.ts";
import type { SimulatedBlock, SimulationBlock, SimulationOptions } from "./simulation.ts";
import type { ExecutionWitness } from "./witness/witness.ts";
import type { TraceOptions, TraceResult, TransactionTrace } from "./tracing.ts";

/** A block the engine knows: `number` and `hash` identify it. */
export interface BlockRef {
  readonly number: L2BlockNumber;
  readonly hash: Hash;
}

/** What `execute` and `open` need beside the leaf: everything is checked against its hashes by the kernel. */
export interface BlockContext {
  readonly inputs: BlockInputs;
  /** RLP of the anchor's L1 header; its keccak256 is `inputs.anchorHash`. */
  readonly anchorHeader: Hex;
  /** Deposits `inputs.depositStart..depositEnd`, in order. */
  readonly deposits: readonly Deposit[];
}

/** Why a transaction is not in the block. Stable words, shown to users. */
export interface SkipReason {
  readonly code:
    | "nonce-too-low"
    | "nonce-too-high"
    | "insufficient-funds"
    | "fee-cap-too-low"
    | "sender-has-code"
    | "block-gas-exhausted"
    | "proof-gas-exhausted"
    | "invalid";
  readonly message: string;
}

/** An executed block. Raw bytes are what Ethereum hashes; decoded views come from `MvmReader`. */
export interface ExecutedBlock extends BlockRef {
  readonly parentHash: Hash;
  readonly timestamp: bigint;
  readonly headerRlp: Hex;
  readonly stateRoot: Hash;
  readonly messagePasserStorageRoot: Hash;
  readonly outputRoot: Hash;
  readonly gasUsed: bigint;
  readonly baseFeePerGas: bigint;
  /** Included transactions: system, deposits, user, as EIP-2718 bytes. */
  readonly transactions: readonly Hex[];
  readonly transactionHashes: readonly Hash[];
  /** Positions in `inputs.transactions` that were skipped. */
  readonly skipped: readonly { readonly index: number; readonly reason: SkipReason }[];
  readonly inputs: BlockInputs;
}

/** A block being built on the head. One at a time. */
export interface BlockBuilder {
  /**
   * Tries one signed transaction at the block's end; a refusal leaves the block as it was. `sender`: what the caller
   * itself recovered from this very transaction; saves doing it again. A wrong one makes a block that nobody accepts.
   */
  add(
    transaction: Hex,
    sender?: Address,
  ): Promise<
    { readonly included: true; readonly gasUsed: bigint } | { readonly included: false; readonly reason: SkipReason }
  >;
  /** Gas left for user transactions. */
  readonly gasLeft: bigint;
  /** Computes roots and header. The block stays pending until `Mvm.commit`. `flags` may differ from the ones opened with. */
  seal(flags?: number): Promise<ExecutedBlock>;
  discard(): Promise<void>;
}

/**
 * The writing side: one instance per data directory. All calls are serialised; the event loop is never blocked by execution.
 * Errors thrown are `MvmError` with a stable `code`.
 */
export interface Mvm {
  head(): BlockRef;
  /** Executes a whole block on the head. Skips what is not executable, refuses what contradicts the parent. Pending until `commit`. */
  execute(context: BlockContext): Promise<ExecutedBlock>;
  /**
   * Executes blocks one after the other on the head and keeps them: roots, the disk and recovering senders go on beside the execution of
   * the next ones, where there are processors for it. Resolves when all are on disk; when it throws, those before the bad one are.
   * Until then nothing else is to be asked of the writing side: it could come between two groups of them.
   */
  extend(contexts: readonly BlockContext[]): Promise<void>;
  /**
   * A public key (x ‖ y, 64 bytes) that the caller recovered from `signature` (r ‖ s) of the 32-byte `message`: execution of what
   * was signed, if it comes soon, need not do it again.
   */
  rememberKey(message: Uint8Array, signature: Uint8Array, recid: number, key: Uint8Array): void;
  /** Opens a builder on the head; `context.inputs.transactions` is empty. */
  open(context: BlockContext): Promise<BlockBuilder>;
  /** Writes the pending block `hash` and the new head in one atomic, durable step. */
  commit(hash: Hash): Promise<void>;
  /** Takes committed blocks above `number` back, newest first. Throws when the change sets are pruned. */
  rewind(number: L2BlockNumber): Promise<void>;
  /** The kernel's `derive` (docs/spec/derivation.md, "Interface"): RLP in, RLP out, a pure function. */
  derive(request: Uint8Array): Promise<Uint8Array>;
  readonly reader: MvmReader;
  /** The chain's parameters, as stored with it. */
  readonly config: ChainConfig;
  /** Ethereum's forks and blob limits, as stored with a chain of pure mode; absent on an L2. */
  readonly schedule: PureSchedule | undefined;
  close(): Promise<void>;
}

export type BlockId = L2BlockNumber | "latest" | { readonly hash: Hash };

export interface AccountView {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly codeHash: Hash;
  readonly storageRoot: Hash;
}

export interface LogView {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Hex;
}

export interface ReceiptView {
  readonly type: number;
  readonly status: 0 | 1;
  /** State root after the transaction: what receipts had instead of a status before Byzantium (imported blocks only). */
  readonly root?: Hash;
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  readonly effectiveGasPrice: bigint;
  readonly logsBloom: Hex;
  readonly logs: readonly LogView[];
  readonly from: Address;
  readonly contractAddress: Address | null;
  /** L1 data fee in METIS wei; zero for deposits and in pure mode. */
  readonly l1Fee: bigint;
  readonly l1GasUsed: bigint;
  readonly l1GasPrice: bigint;
}

export interface BlockView extends BlockRef {
  readonly headerRlp: Hex;
  /** EIP-2718 bytes, in order. */
  readonly transactions: readonly Hex[];
  readonly transactionHashes: readonly Hash[];
  /** Recovered senders, in order. */
  readonly senders: readonly Address[];
  /** Leaf this block was made from; absent for genesis and imported blocks. */
  readonly inputs: BlockInputs | undefined;
  readonly outputRoot: Hash;
  /** Size in bytes of the RLP of the whole block. */
  readonly size: number;
  /** RLP of their headers; pure mode before the merge alone has any. */
  readonly ommers: readonly Hex[];
  /** Where the block came with them (pure mode). */
  readonly withdrawals:
    | readonly { index: bigint; validatorIndex: bigint; address: Address; amount: bigint }[]
    | undefined;
}

export interface CallRequest {
  readonly from?: Address;
  readonly to?: Address | null;
  readonly gas?: bigint;
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly value?: bigint;
  readonly data?: Hex;
  readonly nonce?: bigint;
  readonly accessList?: readonly { readonly address: Address; readonly storageKeys: readonly Hash[] }[];
  readonly authorizationList?: readonly {
    readonly chainId: bigint;
    readonly address: Address;
    readonly nonce: bigint;
    readonly yParity: number;
    readonly r: Hex;
    readonly s: Hex;
  }[];
}

export interface StateOverride {
  readonly balance?: bigint;
  readonly nonce?: bigint;
  readonly code?: Hex;
  readonly state?: Readonly<Record<Hash, Hash>>;
  readonly stateDiff?: Readonly<Record<Hash, Hash>>;
}

export interface CallOptions {
  readonly stateOverrides?: Readonly<Record<Address, StateOverride>>;
  readonly blockOverrides?: {
    readonly number?: bigint;
    readonly time?: bigint;
    readonly gasLimit?: bigint;
    readonly coinbase?: Address;
    readonly baseFeePerGas?: bigint;
    readonly prevRandao?: Hash;
  };
}

export type CallResult =
  | { readonly status: "success"; readonly output: Hex; readonly gasUsed: bigint }
  | { readonly status: "revert"; readonly output: Hex; readonly gasUsed: bigint }
  | { readonly status: "halt"; readonly reason: string; readonly gasUsed: bigint };

export interface ProofView extends AccountView {
  readonly address: Address;
  readonly accountProof: readonly Hex[];
  readonly storageProof: readonly { readonly key: Hex; readonly value: bigint; readonly proof: readonly Hex[] }[];
}

/** What the proposer of a pure block chooses. */
export interface PureAttributes {
  readonly timestamp: bigint;
  readonly coinbase: Address;
  readonly prevRandao: Hash;
  readonly gasLimit: bigint;
  readonly extraData: Hex;
  readonly parentBeaconBlockRoot: Hash;
  readonly withdrawals: readonly {
    readonly index: bigint;
    readonly validatorIndex: bigint;
    readonly address: Address;
    readonly amount: bigint;
  }[];
}

/** A pure block that was built and not kept. */
export interface BuiltBlock {
  readonly hash: Hash;
  /** RLP of header, transactions, no ommers, withdrawals. */
  readonly blockRlp: Hex;
  readonly headerRlp: Hex;
  readonly receipts: readonly ReceiptView[];
  readonly gasUsed: bigint;
  /** Positions in the transactions given that were skipped. */
  readonly skipped: ExecutedBlock["skipped"];
}

/** The reading side: any kept block, never blocks the writer. `undefined` means the block or item is not known. */
export interface MvmReader {
  head(): BlockRef;
  /** Oldest block from which on all are kept, and the oldest whose state can be read. */
  oldest(): { readonly block: L2BlockNumber; readonly state: L2BlockNumber };
  block(id: BlockId): Promise<BlockView | undefined>;
  /** Headers from `from` to `to`, both included, for fee history and log search; at most 4,096. */
  headers(from: L2BlockNumber, to: L2BlockNumber): Promise<readonly { readonly hash: Hash; readonly headerRlp: Hex }[]>;
  receipts(id: BlockId): Promise<readonly ReceiptView[] | undefined>;
  /** As `receipts`, read now and decoded with each call: small to keep, for whoever may want them when the block is gone. */
  keptReceipts(id: BlockId): Promise<(() => readonly ReceiptView[]) | undefined>;
  transaction(hash: Hash): Promise<{ readonly block: BlockRef; readonly index: number } | undefined>;
  account(address: Address, id: BlockId): Promise<AccountView | undefined>;
  code(address: Address, id: BlockId): Promise<Hex | undefined>;
  storage(address: Address, slot: Hash, id: BlockId): Promise<Hash | undefined>;
  proof(address: Address, slots: readonly Hex[], id: BlockId): Promise<ProofView | undefined>;
  /** Throws `MvmError` "state-unavailable" when the block's state is pruned. */
  call(request: CallRequest, id: BlockId, options?: CallOptions): Promise<CallResult>;
  /** Binary search in the kernel, EIP-7825 cap, 63/64 rule respected. */
  estimateGas(request: CallRequest, id: BlockId, options?: CallOptions): Promise<CallResult & { readonly gas: bigint }>;
  createAccessList(
    request: CallRequest,
    id: BlockId,
  ): Promise<{
    readonly accessList: NonNullable<CallRequest["accessList"]>;
    readonly gasUsed: bigint;
    readonly error?: string;
  }>;
  /** L1 data fee in METIS wei that `transaction` (signed, or an unsigned estimate) would pay on top of gas. */
  l1Fee(transaction: Hex, id: BlockId): Promise<bigint>;
  /** Blocks of calls on a block (eth_simulateV1). Throws `MvmError` with the kernel's code when a call cannot be made. */
  simulate(
    blocks: readonly SimulationBlock[],
    options: SimulationOptions,
    id: BlockId,
  ): Promise<readonly SimulatedBlock[]>;
  /** Pure mode, Shanghai or later: builds a block on `parent` and keeps nothing. */
  buildBlock(attributes: PureAttributes, transactions: readonly Hex[], parent: BlockId): Promise<BuiltBlock>;
  /**
   * What the transactions of a kept block did, in order; `index`: one of them alone. `undefined`: the block is not known.
   * Throws `MvmError` "genesis-not-traceable", "unknown-transaction", "trace-too-large", "state-unavailable".
   */
  traceBlock(id: BlockId, options: TraceOptions, index?: number): Promise<readonly TransactionTrace[] | undefined>;
  /**
   * The same as JSON text, to be passed on: megabytes that are parsed and written again hold the event loop up. `index`: the result
   * of that transaction alone.
   */
  traceText(id: BlockId, options: TraceOptions, index?: number): Promise<string | undefined>;
  /** What a call on the block's state would do. Throws as `call` and `traceBlock` do. */
  traceCall(request: CallRequest, id: BlockId, options: TraceOptions, overrides?: CallOptions): Promise<TraceResult>;
  /** The same as JSON text. */
  traceCallText(request: CallRequest, id: BlockId, options: TraceOptions, overrides?: CallOptions): Promise<string>;
  /**
   * Preimages that execute the block without a database (`executeWitness`); `undefined` for an unknown block. Throws `MvmError`
   * "state-unavailable", "witness-too-large", or "witness-unavailable" for block 0 and anchors that are not kept.
   */
  executionWitness(id: BlockId): Promise<ExecutionWitness | undefined>;
  /** The same as JSON text, to be passed on. */
  executionWitnessText(id: BlockId): Promise<string | undefined>;
  /** Senders of signed transactions, in order; `undefined` where one is malformed. */
  recoverSenders(transactions: readonly Hex[]): Promise<readonly (Address | undefined)[]>;
}
