import { epochOf, type BlockInputs, type ChainConfig, type L1BlockNumber, type Timestamp } from "@metis/protocol";
import { blockOverhead, blockSize, contentOverhead } from "../payload/payload.ts";

/** Why a block ends its batch. The first two are rules, the others a proposer's choice. */
export type BatchEnd = "epoch" | "size" | "age" | "cost";

export type CutterConfig = Pick<
  ChainConfig,
  "l2ChainId" | "maxBlockBytes" | "maxBatchBytes" | "maxBatchAge" | "epochLength" | "genesisAnchorNumber"
>;

/** What a proposer knows about a block when it decides on the flag. */
export type CutterBlock = Pick<BlockInputs, "time" | "anchorNumber" | "transactions">;

/**
 * Follows the open batch block by block and says when it ends (protocol.md, "Batch end"): every member comes to the
 * same answer on the rules, so nobody can cut elsewhere.
 */
export class BatchCutter {
  readonly #config: CutterConfig;
  #parentAnchor: L1BlockNumber;
  #size = contentOverhead;
  #transactions = 0;
  #start: Timestamp | undefined;

  /** `parentAnchor`: anchor of the last block of the batch before. */
  constructor(config: CutterConfig, parentAnchor: L1BlockNumber) {
    this.#config = config;
    this.#parentAnchor = parentAnchor;
  }

  /** Bytes the open batch's content has at most. */
  get size(): number {
    return this.#size;
  }

  /** User transactions in the open batch. */
  get transactions(): number {
    return this.#transactions;
  }

  /** Bytes that the transactions of one more block may take, by `transactionSize`. */
  get room(): number {
    return this.#config.maxBlockBytes - blockOverhead;
  }

  /** The rule that makes `block` the last of the open batch, if one does. */
  mustEnd(block: CutterBlock): BatchEnd | undefined {
    const { maxBlockBytes, maxBatchBytes, l2ChainId } = this.#config;
    if (this.#epoch(block.anchorNumber) !== this.#epoch(this.#parentAnchor)) return "epoch";
    const after = this.#size + blockSize(block.transactions, l2ChainId);
    return after + maxBlockBytes > maxBatchBytes ? "size" : undefined;
  }

  /**
   * Why a proposer may end the batch with `block` although no rule asks for it. `costPerTransaction` and
   * `targetCost` are L1 wei; a batch without transactions has no cost per transaction.
   */
  mayEnd(block: CutterBlock, cost?: { readonly batch: bigint; readonly target: bigint }): BatchEnd | undefined {
    if (block.time - (this.#start ?? block.time) >= BigInt(this.#config.maxBatchAge)) return "age";
    const transactions = BigInt(this.#transactions + block.transactions.length);
    return cost !== undefined && transactions > 0n && cost.batch <= cost.target * transactions ? "cost" : undefined;
  }

  /** Adds a decided block; `ends` when it carries the batch end flag. */
  add(block: CutterBlock, ends: boolean): void {
    if (ends) {
      this.#parentAnchor = block.anchorNumber;
      this.#size = contentOverhead;
      this.#transactions = 0;
      this.#start = undefined;
      return;
    }
    this.#size += blockSize(block.transactions, this.#config.l2ChainId);
    this.#transactions += block.transactions.length;
    this.#start ??= block.time;
  }

  #epoch(anchor: L1BlockNumber): bigint {
    return epochOf(this.#config, anchor);
  }
}
