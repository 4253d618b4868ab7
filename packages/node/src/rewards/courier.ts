import { outputRoot, predeploys, withdrawalHash, withdrawalSlot, zeroHash } from "@metis/protocol";
import type { Epoch, GenesisConfig, L2BlockNumber } from "@metis/protocol";
import type { MvmReader } from "@metis/mvm";
import {
  emissionReserveAbi,
  metisSequencerSetAbi,
  portalAbi,
  posterVaultAbi,
  stateClaimsAbi,
} from "@metis/protocol/contracts";
import type { CounterMetric, Logger, Metrics } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Abi, Address, Hex } from "viem";
import { onShift } from "../batcher/turns.ts";
import type { ChainHeads } from "../heads/heads.ts";
import type { ChainStore } from "../heads/store.ts";
import type { L1Client } from "../l1/client.ts";
import { refusalOf } from "../l1/errors.ts";
import { L1Service } from "../l1/service.ts";
import type { L1ServiceOptions } from "../l1/service.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import { MempoolError } from "../mempool/errors.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import { decodeHeader } from "../rpc/header.ts";
import type { L2Payer } from "./l2Payer.ts";
import type { EpochReport, EpochReports } from "./reports.ts";

export interface RewardCourierOptions extends L1ServiceOptions {
  readonly addresses: Pick<GenesisConfig, "portal" | "stateClaims"> &
    Readonly<Record<"emissionReserve" | "posterVault", Address>>;
  readonly self: Address;
  readonly sets: Pick<EpochSets, "of">;
  readonly reports: Pick<EpochReports, "epochAt" | "countsOf" | "find">;
  readonly reader: Pick<MvmReader, "block" | "proof">;
  readonly heads: Pick<ChainHeads, "heads">;
  readonly chain: Pick<ChainStore, "derivedOf">;
  readonly l1: Pick<L1Client, "read">;
  readonly watcher: Pick<L1Watcher, "view">;
  readonly manager: Pick<TransactionManager, "send">;
  readonly payer: Pick<L2Payer, "send" | "address">;
  readonly metrics: Metrics;
  readonly intervalMs: number;
}

/** Epochs further back than this are left to whoever wants them paid (`metis stake report`). */
const epochsBack = 16n;

/**
 * Brings what the members did in an epoch, and its fees, from L2's state to L1, where members and posters are paid: reports the epoch
 * on L2, proves the message once its claim is settled, and has it distributed. Anybody may do each; the members take shifts.
 */
export class RewardCourier extends L1Service {
  readonly #options: RewardCourierOptions;
  readonly #steps: CounterMetric;
  /** Epochs that need nothing any more. */
  readonly #done = new Set<Epoch>();
  readonly #found = new Map<Epoch, EpochReport>();
  /** Reports without METIS to pay for them, said once each. */
  readonly #unpaid = new Set<Epoch>();

  constructor(options: RewardCourierOptions) {
    super("rewards", options.intervalMs, options);
    this.#options = options;
    this.#steps = options.metrics.counter("rewards_steps_total", "What this seat sent for epochs' rewards", ["step"]);
  }

  protected async pass(signal: AbortSignal): Promise<void> {
    const { reports, heads, logger } = this.#options;
    if (!(await this.#isOnShift())) return;
    const head = heads.heads().unsafe.number;
    const last = (await reports.epochAt(head)) - 2n;
    for (let epoch = last > epochsBack ? last - epochsBack : 0n; epoch <= last && !signal.aborted; epoch++) {
      if (this.#done.has(epoch)) continue;
      try {
        await this.#advance(epoch, head, signal);
      } catch (error) {
        if (!(error instanceof MempoolError)) throw error;
        this.#refusedByPool(epoch, error, logger);
      }
    }
  }

  async #isOnShift(): Promise<boolean> {
    const { reports, heads, sets, self, watcher } = this.#options;
    const { members } = await sets.of(await reports.epochAt(heads.heads().unsafe.number));
    return onShift(members, self, watcher.view.head.number);
  }

  /** The next step of an epoch, and those that can follow at once. */
  async #advance(epoch: Epoch, head: L2BlockNumber, signal: AbortSignal): Promise<void> {
    const { l1, addresses, reports } = this.#options;
    const { emissionReserve } = addresses;
    const { blocks, isReported } = await reports.countsOf(epoch, head);
    const isPaid = await l1.read(emissionReserveAbi, emissionReserve, "distributed", [epoch]);
    if (isPaid) return void this.#done.add(epoch);
    if (blocks === 0n && !(await this.#owesPosters(epoch))) return;
    if (!isReported) return this.#report(epoch);
    const report = await this.#find(epoch);
    if (!report) return;
    const arrived = await l1.read(emissionReserveAbi, emissionReserve, "attendanceHashOf", [epoch]);
    if (arrived === zeroHash && !(await this.#relay(report, signal))) return;
    if (await this.#distribute(report, signal)) this.#done.add(epoch);
  }

  /** Batches may have come in an epoch of which no block was counted. */
  async #owesPosters(epoch: Epoch): Promise<boolean> {
    const { l1, addresses } = this.#options;
    const { owed, settled } = await l1.read(posterVaultAbi, addresses.posterVault, "epochRefunds", [epoch]);
    return owed > 0n && !settled;
  }

  async #report(epoch: Epoch): Promise<void> {
    const { payer, logger } = this.#options;
    const abi = metisSequencerSetAbi;
    const data = encodeFunctionData({ abi, functionName: "reportEpoch", args: [epoch] });
    const sent = await payer.send({ to: predeploys.metisSequencerSet, data, abi });
    if ("refused" in sent) return logger.debug("the epoch needs no report", { epoch, reason: sent.refused });
    this.#steps.inc(1, { step: "report" });
    logger.info("reports on L2 what the members did in an epoch", { epoch, transaction: sent.hash });
  }

  /** What was sent before and waits for a block is no trouble. */
  #refusedByPool(epoch: Epoch, { code, message }: MempoolError, logger: Logger): void {
    const isWaiting = code === "already-known" || code === "replacement-underpriced";
    if (isWaiting || this.#unpaid.has(epoch)) return;
    this.#unpaid.add(epoch);
    const { address } = this.#options.payer;
    logger.warn("an epoch is not reported from here: the account that pays needs METIS on L2", {
      epoch,
      address,
      message,
    });
  }

  /** The report, once it is in a batch on L1. */
  async #find(epoch: Epoch): Promise<EpochReport | undefined> {
    const { reports, heads } = this.#options;
    const found = this.#found.get(epoch) ?? (await reports.find(epoch, heads.heads().safe.number));
    if (found) this.#found.set(epoch, found);
    return found;
  }

  /** Proves the message to L1 against the settled claim of its batch. False while there is none. */
  async #relay(report: EpochReport, signal: AbortSignal): Promise<boolean> {
    const { chain, l1, addresses, logger } = this.#options;
    const batch = chain.derivedOf(report.l2Block);
    if (!batch) return false;
    const { batchIndex } = batch.header;
    if (batchIndex >= (await l1.read(stateClaimsAbi, addresses.stateClaims, "settledCount", []))) return false;
    const { withdrawal, epoch } = report;
    const { outputProof, storageProof } = await this.#prove(report, batch.lastBlock);
    const args = [withdrawal, batchIndex, outputProof, storageProof] as const;
    const data = encodeFunctionData({ abi: portalAbi, functionName: "finalizeWithdrawal", args });
    const id = `rewards/${epoch}/${withdrawalHash(withdrawal)}`;
    if (!(await this.#send("relay", id, addresses.portal, data, portalAbi, signal))) return false;
    logger.info("L1 knows what the members did in an epoch", { epoch, blocks: report.blocks });
    return true;
  }

  async #prove({ withdrawal }: EpochReport, lastBlock: L2BlockNumber) {
    const { reader } = this.#options;
    const slot = withdrawalSlot(withdrawalHash(withdrawal));
    const [block, proof] = await Promise.all([
      reader.block(lastBlock),
      reader.proof(predeploys.l2ToL1MessagePasser, [slot], lastBlock),
    ]);
    if (!block || !proof) throw new Error(`block ${lastBlock} is not stored`);
    const { stateRoot } = decodeHeader(block.headerRlp);
    const preimage = { stateRoot, messagePasserStorageRoot: proof.storageRoot, blockHash: block.hash };
    if (outputRoot(preimage) !== block.outputRoot)
      throw new Error(`the proof of block ${lastBlock} is of another state`);
    return { outputProof: { version: zeroHash, ...preimage }, storageProof: proof.storageProof[0]?.proof ?? [] };
  }

  async #distribute({ epoch, blocks, words }: EpochReport, signal: AbortSignal): Promise<boolean> {
    const { sets, addresses, logger } = this.#options;
    // Rewards are paid by the sets that LockingPool froze, whatever a handover made of them.
    const { members } = await sets.of(epoch, 0);
    const abi = emissionReserveAbi;
    const data = encodeFunctionData({ abi, functionName: "distribute", args: [epoch, members, blocks, words] });
    const isPaid = await this.#send("distribute", `rewards/${epoch}`, addresses.emissionReserve, data, abi, signal);
    if (isPaid) logger.info("the rewards of an epoch are paid", { epoch });
    return isPaid;
  }

  /** False when the contract refuses: someone else was faster, or it is not yet time. */
  async #send(step: string, id: string, to: Address, data: Hex, abi: Abi, signal: AbortSignal): Promise<boolean> {
    const { manager, logger } = this.#options;
    const reason = await refusalOf(manager.send({ id, to, data, abi }, signal));
    if (reason === undefined) this.#steps.inc(1, { step });
    else logger.debug("not now", { id, reason });
    return reason === undefined;
  }
}
