import type { SequencerSet, Signer } from "@metis/committee";
import type { MvmReader } from "@metis/mvm";
import { DataMode } from "@metis/protocol";
import type { ChainConfig, Hash, L2BlockNumber, SigningDomain } from "@metis/protocol";
import { encodePayload, maxCalldataPayload } from "@metis/rollup";
import type { PayloadParent } from "@metis/rollup";
import type { Logger } from "@metis/runtime";
import type { CutBatch } from "../heads/records.ts";
import type { L1Client } from "../l1/client.ts";
import type { DepositReader } from "../l1/deposits.ts";
import { readPrices } from "../l1/transactions/fees.ts";
import { batchHeader, certifyClaim, claimOfBlocks, cutBatch, readBatchBlocks } from "./cut.ts";
import type { BatchParent, DataForm } from "./cut.ts";
import { chooseMode } from "./prices.ts";
import type { DaMode } from "./prices.ts";

/** Cuts a payload into blobs, keeps them, and names them. */
export type BlobMaker = (payload: Uint8Array) => Promise<readonly Hash[]>;

export interface AssemblerOptions {
  readonly config: ChainConfig;
  readonly domain: SigningDomain;
  readonly reader: MvmReader;
  readonly l1: L1Client;
  readonly deposits: DepositReader;
  readonly signer: Signer;
  readonly set: SequencerSet;
  readonly mode: DaMode;
  readonly blobs: BlobMaker;
  readonly logger: Logger;
}

/** Builds a batch from this node's own signed blocks: payload, header, claim, certificate. Nobody signs blind. */
export class BatchAssembler {
  readonly #options: AssemblerOptions;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** The batch after `parent`, once its last block is at or below `signed`; nothing before. */
  async assemble(parent: BatchParent, signed: L2BlockNumber): Promise<CutBatch | undefined> {
    const { config, reader, deposits, domain, signer, set, logger } = this.#options;
    const blocks = await readBatchBlocks(reader, parent, signed);
    if (!blocks) return undefined;
    const payload = encodePayload(config.l2ChainId, await this.#payloadParent(parent), blocks);
    const form = await this.#form(payload);
    const queueHash = await deposits.queueHash(blocks.at(-1)!.inputs.depositEnd);
    const header = batchHeader(config, parent, blocks, queueHash, payload, form);
    const claim = claimOfBlocks(header, parent, blocks);
    const certificate = await certifyClaim(domain, signer, set, claim);
    logger.info("cut a batch", {
      index: header.batchIndex,
      firstBlock: claim.firstBlock,
      lastBlock: claim.lastBlock,
      bytes: payload.length,
      mode: form.mode === DataMode.blobs ? "blobs" : "calldata",
    });
    return cutBatch(header, claim, certificate, payload, form.versionedHashes);
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

  async #form(payload: Uint8Array): Promise<DataForm> {
    const { mode, l1, blobs, logger, set } = this.#options;
    if (mode === "calldata" && payload.length > maxCalldataPayload)
      logger.warn("the batch does not fit calldata and goes to blobs", { bytes: payload.length });
    const shape = { payloadSize: payload.length, members: set.members.length, signatures: 1 };
    const chosen = chooseMode(mode, shape, await readPrices(l1));
    return { mode: chosen, versionedHashes: chosen === DataMode.blobs ? await blobs(payload) : [] };
  }
}
