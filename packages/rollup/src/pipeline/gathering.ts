import { DataMode, type ChainConfig, type DataHeader, type Deposit, type Hash } from "@metis/protocol";
import type { Hex } from "viem";
import type { BatchData, DeriveParent, DeriveRequest } from "../derivation/deriver.ts";
import { RollupError } from "../errors.ts";
import type { L1Source, PostedBatch } from "./l1Source.ts";

/** All that one batch needs of L1. */
export interface GatheredBatch {
  readonly request: DeriveRequest;
  /** RLP of the L1 headers that its blocks can name as anchors, by hash. */
  readonly anchors: ReadonlyMap<Hash, Hex>;
  readonly deposits: readonly Deposit[];
}

/** What is known of the batch before. */
export interface GatheringParent {
  readonly header: DataHeader;
  readonly lastBlock: DeriveParent;
}

/** Third stage: fetches headers, deposits and data of a batch, and never mixes two L1 chains. */
export class BatchGathering<Batch extends PostedBatch> {
  readonly #config: ChainConfig;
  readonly #source: Pick<L1Source<Batch>, "headers" | "deposits" | "blob">;

  constructor(config: ChainConfig, source: Pick<L1Source<Batch>, "headers" | "deposits" | "blob">) {
    this.#config = config;
    this.#source = source;
  }

  /** Throws `RollupError` "l1-incomplete" (retry) while L1 is reorganising or something is not to be had. */
  async gather(parent: GatheringParent, batch: Batch): Promise<GatheredBatch> {
    const { header } = batch;
    const [headers, deposits, data] = await Promise.all([
      this.#headers(parent.header, header),
      this.#deposits(parent.header, header),
      this.#data(batch),
    ]);
    const request: DeriveRequest = {
      config: this.#config,
      parent: parent.lastBlock,
      parentHeader: parent.header,
      header,
      data,
      deposits,
      l1Headers: headers.map(({ rlp }) => rlp),
    };
    return { request, anchors: new Map(headers.map(({ hash, rlp }) => [hash, rlp])), deposits };
  }

  async #headers(parent: DataHeader, header: DataHeader) {
    const headers = await this.#source.headers(parent.anchorNumber, header.anchorNumber);
    if (headers[0]?.hash !== parent.anchorHash || headers.at(-1)?.hash !== header.anchorHash)
      throw incomplete(header, "L1 does not hold its anchors");
    return headers;
  }

  async #deposits(parent: DataHeader, header: DataHeader): Promise<readonly Deposit[]> {
    const deposits = await this.#source.deposits(parent.anchorNumber + 1n, header.anchorNumber);
    const complete =
      BigInt(deposits.length) === header.depositCount - parent.depositCount &&
      (deposits.at(-1)?.queueHash ?? parent.depositQueueHash) === header.depositQueueHash;
    if (!complete) throw incomplete(header, "the deposits found are not those it consumes");
    return deposits;
  }

  async #data(batch: Batch): Promise<BatchData> {
    const { header, payload, versionedHashes } = batch;
    if (header.dataMode === DataMode.none) return { kind: "none" };
    if (header.dataMode === DataMode.calldata) {
      if (payload === undefined) throw incomplete(header, "its payload's log is missing");
      return { kind: "payload", payload };
    }
    const blobs = await Promise.all(versionedHashes.map((hash) => this.#source.blob(hash, batch)));
    return { kind: "blobs", blobs };
  }
}

const incomplete = ({ batchIndex }: DataHeader, why: string): RollupError =>
  new RollupError("l1-incomplete", "retry", `batch ${batchIndex}: ${why}`, { batchIndex });
