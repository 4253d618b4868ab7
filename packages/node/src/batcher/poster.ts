import { batchHash, DataMode } from "@metis/protocol";
import type { DataHeader, GenesisConfig, L1BlockNumber } from "@metis/protocol";
import { batchInboxAbi, posterVaultAbi } from "@metis/protocol/contracts";
import type { Logger } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Abi, Address, Hex } from "viem";
import type { CutBatch } from "../heads/records.ts";
import type { L1Client } from "../l1/client.ts";
import { isRefusal } from "../l1/errors.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";

/** How an attempt to post ended. */
export type PostOutcome =
  /** The inbox holds this very batch. */
  | { readonly kind: "posted" }
  /** The inbox is at another place: derivation will say where. */
  | { readonly kind: "moved"; readonly reason: string }
  /** The same bytes will do later. */
  | { readonly kind: "wait"; readonly reason: string }
  /** The inbox will never take it. */
  | { readonly kind: "refused"; readonly reason: string };

/** What each refusal of `submitBatch` means to the batcher; those not named are `refused` (docs/spec/contracts.md). */
const meaning: Readonly<Record<string, "moved" | "wait">> = {
  WrongIndex: "moved",
  WrongParent: "moved",
  WrongGeneration: "moved",
  WrongEpoch: "moved",
  TimestampInFuture: "wait",
  WrongAnchorHash: "wait",
  WrongDepositCount: "wait",
  WrongDepositQueueHash: "wait",
};

/** At a price of zero the vault has nothing to write; else two slots, for an epoch's first batch new ones. */
const recordGas = 45_000n;

/** L1 headers in one `checkpointAnchor` call. */
const checkpointRun = 128n;

/** Where batches go: by the vault, which pays back what posting costs, to the inbox. */
export interface PosterAddresses extends Pick<GenesisConfig, "batchInbox"> {
  readonly posterVault: Address;
}

/** The vault passes on the inbox's refusals beside its own. */
const postingAbi: Abi = [...batchInboxAbi, ...posterVaultAbi.filter(({ type }) => type === "error")];

/** Posts batches to the inbox and understands its refusals. */
export class BatchPoster {
  readonly #l1: L1Client;
  readonly #manager: TransactionManager;
  readonly #addresses: PosterAddresses;
  readonly #logger: Logger;

  constructor(l1: L1Client, manager: TransactionManager, addresses: PosterAddresses, logger: Logger) {
    this.#l1 = l1;
    this.#manager = manager;
    this.#addresses = addresses;
    this.#logger = logger;
  }

  async post(batch: CutBatch, signal: AbortSignal): Promise<PostOutcome> {
    const { header, claim, certificate, payload, versionedHashes } = batch;
    const data = encodeFunctionData({
      abi: batchInboxAbi,
      functionName: "submitBatch",
      args: [header, claim, certificate, header.dataMode === DataMode.calldata ? payload : "0x"],
    });
    const request = {
      id: `batch/${batchHash(header)}`,
      to: this.#addresses.posterVault,
      data,
      abi: postingAbi,
      versionedHashes,
      unseenGas: recordGas,
    };
    try {
      const receipt = await this.#manager.send(request, signal);
      this.#logger.info("posted a batch", {
        index: header.batchIndex,
        l1Block: receipt.blockNumber,
        gas: receipt.gasUsed,
        bytes: header.payloadSize,
      });
      return { kind: "posted" };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.#understand(header, error.payload.reason ?? error.message, signal);
    }
  }

  async #understand(header: DataHeader, reason: string, signal: AbortSignal): Promise<PostOutcome> {
    if (await this.#isPosted(header)) return { kind: "posted" };
    if (reason !== "AnchorUnknown") return { kind: meaning[reason] ?? "refused", reason };
    await this.#checkpoint(header.anchorNumber, signal);
    return { kind: "wait", reason: "the anchor's hash was brought back to L1's memory" };
  }

  async #isPosted(header: DataHeader): Promise<boolean> {
    const { batchInbox } = this.#addresses;
    const count = await this.#l1.read(batchInboxAbi, batchInbox, "batchCount", []);
    if (count <= header.batchIndex) return false;
    return (await this.#l1.read(batchInboxAbi, batchInbox, "batchHashAt", [header.batchIndex])) === batchHash(header);
  }

  /**
   * Brings the hash of an old anchor back to L1's memory: walks parent hashes down from a block that L1 knows, in runs that end
   * at multiples of `checkpointRun`, so that the next old anchor finds the way half gone.
   */
  async #checkpoint(anchor: L1BlockNumber, signal: AbortSignal): Promise<void> {
    const lowest = ((anchor + checkpointRun - 1n) / checkpointRun) * checkpointRun;
    let known = lowest;
    while (!(await this.#isKnown(known))) known += checkpointRun;
    for (; known > lowest; known -= checkpointRun) await this.#walk(known, known - checkpointRun, signal);
    if (lowest > anchor) await this.#walk(lowest, anchor, signal);
  }

  async #isKnown(number: L1BlockNumber): Promise<boolean> {
    const { batchInbox } = this.#addresses;
    return BigInt(await this.#l1.read(batchInboxAbi, batchInbox, "anchorHashAt", [number])) !== 0n;
  }

  /** One `checkpointAnchor` from the known block `from` down to `to`. */
  async #walk(from: L1BlockNumber, to: L1BlockNumber, signal: AbortSignal): Promise<void> {
    const { batchInbox } = this.#addresses;
    const headers = (await this.#l1.headers(to, from)).map(({ rlp }): Hex => rlp);
    const data = encodeFunctionData({
      abi: batchInboxAbi,
      functionName: "checkpointAnchor",
      args: [headers.toReversed()],
    });
    this.#logger.info("bringing the hash of an old L1 block back to L1's memory", { from, to });
    const id = `checkpoint/${from}/${to}`;
    await this.#manager.send({ id, to: batchInbox, data, abi: batchInboxAbi }, signal);
  }
}
