import type { MvmReader } from "@metis/mvm";
import { DataMode } from "@metis/protocol";
import type { ChainConfig, DataHeader, Deposit, Hash } from "@metis/protocol";
import type { BatchData, DeriveRequest } from "@metis/rollup";
import type { Hex } from "viem";
import type { DerivedBatch } from "../heads/records.ts";
import type { PostedBatch } from "../l1/batches.ts";
import type { L1Client } from "../l1/client.ts";
import type { DepositReader } from "../l1/deposits.ts";
import { L1Error } from "../l1/errors.ts";
import type { L1Header } from "../l1/header.ts";

/** Finds the blob behind a versioned hash; throws `blob-unavailable` (retry). */
export type BlobReader = (versionedHash: Hash, near: PostedBatch) => Promise<Uint8Array>;

export interface GathererOptions {
  readonly config: ChainConfig;
  readonly l1: L1Client;
  readonly deposits: DepositReader;
  readonly reader: MvmReader;
  readonly blob: BlobReader;
}

/** What a batch needs from L1, all of one chain. */
export interface GatheredBatch {
  readonly request: DeriveRequest;
  readonly anchors: ReadonlyMap<Hash, Hex>;
  readonly deposits: readonly Deposit[];
}

/** Fetches headers, deposits and data of a batch from L1, and refuses to mix two L1 chains. */
export class BatchGatherer {
  readonly #options: GathererOptions;

  constructor(options: GathererOptions) {
    this.#options = options;
  }

  /** Throws `retry` errors while L1 is reorganising or something is not to be had. */
  async gather(parent: DerivedBatch, batch: PostedBatch): Promise<GatheredBatch> {
    const { header } = batch;
    const [headers, deposits, data, facts] = await Promise.all([
      this.#anchors(parent.header, header),
      this.#deposits(parent.header, header),
      this.#data(batch),
      this.#parentFacts(parent),
    ]);
    return {
      request: {
        parent: facts,
        parentHeader: parent.header,
        header,
        data,
        deposits,
        config: this.#options.config,
        l1Headers: headers.map(({ rlp }) => rlp),
      },
      anchors: new Map(headers.map(({ hash, rlp }) => [hash, rlp])),
      deposits,
    };
  }

  async #anchors(parent: DataHeader, header: DataHeader): Promise<readonly L1Header[]> {
    const headers = await this.#options.l1.headers(parent.anchorNumber, header.anchorNumber);
    if (headers[0]?.hash !== parent.anchorHash || headers.at(-1)?.hash !== header.anchorHash)
      throw new L1Error("l1-block-unknown", "retry", `L1 does not hold the anchors of batch ${header.batchIndex}`, {
        batchIndex: header.batchIndex,
      });
    return headers;
  }

  async #deposits(parent: DataHeader, header: DataHeader): Promise<readonly Deposit[]> {
    const deposits = await this.#options.deposits.range(parent.anchorNumber + 1n, header.anchorNumber);
    const complete =
      BigInt(deposits.length) === header.depositCount - parent.depositCount &&
      (deposits.at(-1)?.queueHash ?? header.depositQueueHash) === header.depositQueueHash;
    if (!complete)
      throw new L1Error("deposits-inconsistent", "retry", `deposits of batch ${header.batchIndex} are incomplete`, {
        batchIndex: header.batchIndex,
        found: deposits.length,
      });
    return deposits;
  }

  async #data(batch: PostedBatch): Promise<BatchData> {
    const { header, payload, versionedHashes } = batch;
    if (header.dataMode === DataMode.calldata) return { kind: "payload", payload: payload ?? "0x" };
    if (header.dataMode !== DataMode.blobs) return { kind: "none" };
    const blobs = await Promise.all(versionedHashes.map((hash) => this.#options.blob(hash, batch)));
    return { kind: "blobs", blobs };
  }

  async #parentFacts(parent: DerivedBatch): Promise<DeriveRequest["parent"]> {
    const { config, reader } = this.#options;
    const inputs = (await reader.block(parent.lastBlock))?.inputs;
    return {
      number: parent.lastBlock,
      time: inputs?.time ?? config.genesisAnchorTime,
      generation: inputs?.generation ?? 0,
    };
  }
}
