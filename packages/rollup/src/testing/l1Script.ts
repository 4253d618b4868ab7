import {
  batchHash,
  DataMode,
  epochOf,
  nextQueueHash,
  zeroHash,
  type ChainConfig,
  type DataHeader,
  type Deposit,
  type Hash,
} from "@metis/protocol";
import { bytesToHex, keccak256 } from "viem";
import type { L1Source, PostedBatch, QueuedDeposit } from "../pipeline/l1Source.ts";
import type { ScriptedHeader } from "./chain.ts";

/** An L1 whose blocks, batches and deposits a test writes down, and may replace. */
export class ScriptedL1 implements L1Source {
  #headers: readonly ScriptedHeader[];
  #batches: readonly PostedBatch[] = [];
  #deposits: readonly Deposit[] = [];
  readonly #blobs = new Map<Hash, Uint8Array>();
  /** Called before each answer; a test reorganises or fails here. */
  before: (call: "block" | "headers" | "batches" | "deposits" | "blob") => void = () => undefined;

  constructor(headers: readonly ScriptedHeader[]) {
    this.#headers = headers;
  }

  get head(): ScriptedHeader {
    return this.#headers.at(-1)!;
  }

  /** Replaces the chain; batches and deposits of blocks that are gone go with them. */
  reorganise(headers: readonly ScriptedHeader[]): void {
    this.#headers = headers;
    this.#batches = this.#batches.filter((batch) => this.#at(batch.l1BlockNumber)?.hash === batch.l1BlockHash);
  }

  addDeposits(deposits: readonly Deposit[]): void {
    this.#deposits = [...this.#deposits, ...deposits];
  }

  /** Puts a batch into L1 block number `l1BlockNumber`. */
  post(
    header: DataHeader,
    l1BlockNumber: bigint,
    payload?: Uint8Array,
    blobs: readonly Uint8Array[] = [],
  ): PostedBatch {
    const versionedHashes = blobs.map((blob) => keccak256(blob));
    versionedHashes.forEach((hash, i) => this.#blobs.set(hash, blobs[i]!));
    const batch = {
      header,
      batchHash: batchHash(header),
      l1BlockNumber,
      l1BlockHash: this.#at(l1BlockNumber)!.hash,
      versionedHashes,
      payload: payload && bytesToHex(payload),
    };
    this.#batches = [...this.#batches, batch];
    return batch;
  }

  #at(number: bigint): ScriptedHeader | undefined {
    return this.#headers.find((header) => header.number === number);
  }

  #within<Item>(items: readonly Item[], numberOf: (item: Item) => bigint, from: bigint, to: bigint): readonly Item[] {
    return items.filter((item) => numberOf(item) >= from && numberOf(item) <= to);
  }

  async block(number: bigint): Promise<ScriptedHeader | undefined> {
    this.before("block");
    return this.#at(number);
  }

  async headers(from: bigint, to: bigint): Promise<readonly ScriptedHeader[]> {
    this.before("headers");
    return this.#within(this.#headers, ({ number }) => number, from, to);
  }

  async batches(from: bigint, to: bigint): Promise<readonly PostedBatch[]> {
    this.before("batches");
    return this.#within(this.#batches, ({ l1BlockNumber }) => l1BlockNumber, from, to);
  }

  async deposits(from: bigint, to: bigint): Promise<readonly QueuedDeposit[]> {
    this.before("deposits");
    let queueHash: Hash = zeroHash;
    const queued = this.#deposits.map((deposit) => {
      queueHash = nextQueueHash(queueHash, deposit);
      return { ...deposit, queueHash };
    });
    return this.#within(queued, ({ l1BlockNumber }) => l1BlockNumber, from, to);
  }

  async blob(versionedHash: Hash): Promise<Uint8Array> {
    this.before("blob");
    return this.#blobs.get(versionedHash)!;
  }
}

/** A header on `parent` that ends at `anchor`; the payload's fields are for calldata. */
export function headerOn(
  config: ChainConfig,
  parent: DataHeader,
  anchor: ScriptedHeader,
  payload: Uint8Array,
  changes: Partial<DataHeader> = {},
): DataHeader {
  return {
    ...parent,
    batchIndex: parent.batchIndex + 1n,
    parentHash: batchHash(parent),
    epoch: epochOf(config, parent.anchorNumber),
    lastTimestamp: anchor.time,
    anchorNumber: anchor.number,
    anchorHash: anchor.hash,
    dataMode: DataMode.calldata,
    payloadHash: keccak256(payload),
    payloadSize: payload.length,
    ...changes,
  };
}
