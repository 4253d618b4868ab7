import type { MvmReader } from "@metis/mvm";
import { batchHash, DataMode } from "@metis/protocol";
import type { ChainConfig, Generation, Hash, L2BlockNumber } from "@metis/protocol";
import { encodePayload, maxCalldataPayload } from "@metis/rollup";
import type { PayloadParent } from "@metis/rollup";
import type { Logger } from "@metis/runtime";
import type { L1Client } from "../l1/client.ts";
import type { DepositReader } from "../l1/deposits.ts";
import { readPrices } from "../l1/transactions/fees.ts";
import { batchHeader, claimOfBlocks, readBatchBlocks } from "./cut.ts";
import type { BatchDraft, BatchParent, DataForm } from "./cut.ts";
import type { BatchRequest } from "./messages.ts";
import { chooseMode } from "./prices.ts";
import type { DaMode } from "./prices.ts";
import { reviewData, reviewStructs } from "./review.ts";
import type { OwnBatch, Refusal } from "./review.ts";

/** Cuts a payload into blobs, keeps them, and names them. */
export type BlobMaker = (payload: Uint8Array) => Promise<readonly Hash[]>;

export interface AssemblerOptions {
  readonly config: ChainConfig;
  readonly reader: MvmReader;
  readonly l1: L1Client;
  readonly deposits: Pick<DepositReader, "queueHash">;
  /** The generation that this node is in. */
  readonly generation: () => Generation;
  readonly mode: DaMode;
  readonly blobs: BlobMaker;
  readonly logger: Logger;
}

/** Builds batches from this node's own signed blocks, and holds those of other members against them. Nobody signs blind. */
export class BatchAssembler {
  readonly #options: AssemblerOptions;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** What this node knows of the batch after `parent`, once its last block is at or below `signed`; nothing before. */
  async own(parent: BatchParent, signed: L2BlockNumber): Promise<OwnBatch | undefined> {
    const { config, reader, deposits, generation } = this.#options;
    const blocks = await readBatchBlocks(reader, parent, signed);
    if (!blocks) return undefined;
    const depositQueueHash = await deposits.queueHash(blocks.at(-1)!.inputs.depositEnd);
    const payloadParent = await this.#payloadParent(parent);
    return {
      config,
      parent,
      generation: generation(),
      parentHash: batchHash(parent.header),
      payloadParent,
      blocks,
      depositQueueHash,
    };
  }

  /** Payload, header and claim of the own blocks, in the form that this node would post. */
  async draft(own: OwnBatch, members: number): Promise<BatchDraft> {
    const { config, parent, payloadParent, blocks } = own;
    const payload = encodePayload(config.l2ChainId, payloadParent, blocks);
    const form = await this.#form(payload, members);
    const header = batchHeader(own, payload, form);
    const claim = claimOfBlocks(header, parent, blocks);
    this.#options.logger.info("cut a batch", {
      index: header.batchIndex,
      firstBlock: claim.firstBlock,
      lastBlock: claim.lastBlock,
      bytes: payload.length,
      mode: form.mode === DataMode.blobs ? "blobs" : "calldata",
    });
    return { header, claim, payload, versionedHashes: form.versionedHashes };
  }

  /** Another member's batch, rebuilt: as one of this node's own, or why it is none. Its blobs are kept when it is. */
  async review(own: OwnBatch, request: BatchRequest): Promise<BatchDraft | Refusal> {
    const inData = reviewData(own, request);
    if (inData) return inData;
    const { header, payload } = request;
    const versionedHashes = header.dataMode === DataMode.blobs ? await this.#options.blobs(payload) : [];
    return reviewStructs(own, request, versionedHashes) ?? { ...request, versionedHashes };
  }

  async #payloadParent(parent: BatchParent): Promise<PayloadParent> {
    const { config, reader } = this.#options;
    const inputs = (await reader.block(parent.lastBlock))?.inputs;
    return {
      time: inputs?.time ?? config.genesisAnchorTime,
      anchorNumber: inputs?.anchorNumber ?? config.genesisAnchorNumber,
      generation: inputs?.generation ?? 0,
    };
  }

  async #form(payload: Uint8Array, members: number): Promise<DataForm> {
    const { mode, l1, blobs, logger } = this.#options;
    if (mode === "calldata" && payload.length > maxCalldataPayload)
      logger.warn("the batch does not fit calldata and goes to blobs", { bytes: payload.length });
    const signatures = Math.floor((2 * members) / 3) + 1;
    const chosen = chooseMode(mode, { payloadSize: payload.length, members, signatures }, await readPrices(l1));
    return { mode: chosen, versionedHashes: chosen === DataMode.blobs ? await blobs(payload) : [] };
  }
}
