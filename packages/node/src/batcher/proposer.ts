import { epochOf } from "@metis/protocol";
import type { ChainConfig, GenesisConfig } from "@metis/protocol";
import { stateClaimsAbi } from "@metis/protocol/contracts";
import type { Clock, Logger } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Address } from "viem";
import type { DerivedBatch } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import type { L1Client } from "../l1/client.ts";
import { refusalOf } from "../l1/errors.ts";
import { L1Service } from "../l1/service.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import { ownClaim } from "./cosigner.ts";
import type { BatchCosigner } from "./cosigner.ts";
import { onShift } from "./turns.ts";

export interface ProposerOptions {
  readonly l1: L1Client;
  readonly manager: TransactionManager;
  readonly addresses: Pick<GenesisConfig, "stateClaims">;
  readonly self: Address;
  readonly sets: Pick<EpochSets, "of">;
  readonly cosigner: BatchCosigner;
  readonly config: ChainConfig;
  readonly watcher: Pick<L1Watcher, "view">;
  readonly chain: ChainStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/**
 * Gives batches without a claim (escape, fallback, order alone) one, and settles claims whose window is over. Anybody may; the
 * members take shifts, so that they do not pay for one thing several times.
 */
export class Proposer extends L1Service {
  readonly #options: ProposerOptions;
  /** Batches known to have a live claim, as `index/prevOutputRoot`. */
  readonly #claimed = new Set<string>();
  /** Whether a claim waits for signatures. */
  #asking = false;

  constructor(options: ProposerOptions) {
    super("proposer", options.intervalMs, options);
    this.#options = options;
  }

  protected override listen() {
    const { cosigner } = this.#options;
    return [cosigner.onProgress(() => this.#asking && this.wake())];
  }

  protected async pass(signal: AbortSignal): Promise<void> {
    const { l1, chain, addresses } = this.#options;
    const last = chain.lastDerived();
    if (!last || !(await this.#isOnShift())) return;
    const settled = await l1.read(stateClaimsAbi, addresses.stateClaims, "settledCount", []);
    for (let index = settled; index <= last.header.batchIndex && !signal.aborted; index++) {
      const batch = chain.derived(index);
      if (batch && chain.derived(index - 1n)) await this.#ensureClaim(batch, signal);
    }
    if (last.header.batchIndex >= settled) await this.#settle(last.header.batchIndex, signal);
  }

  async #isOnShift(): Promise<boolean> {
    const { config, sets, self, watcher } = this.#options;
    const head = watcher.view.head.number;
    if (head < config.genesisAnchorNumber) return false;
    const { members } = await sets.of(epochOf(config, head));
    return onShift(members, self, head);
  }

  async #ensureClaim(batch: DerivedBatch, signal: AbortSignal): Promise<void> {
    const { l1, addresses, cosigner, chain, logger } = this.#options;
    const { batchIndex } = batch.header;
    const claim = ownClaim(chain, batch);
    const { prevOutputRoot } = claim;
    const key = `${batch.batchHash}/${prevOutputRoot}`;
    if (this.#claimed.has(key)) return;
    const [status] = await l1.read(stateClaimsAbi, addresses.stateClaims, "claimOf", [batchIndex, prevOutputRoot]);
    if (status === 0) {
      const certificate = await cosigner.certifyClaim(batch, claim);
      this.#asking = certificate === undefined;
      if (!certificate) return;
      const data = encodeFunctionData({
        abi: stateClaimsAbi,
        functionName: "postClaim",
        args: [batchIndex, claim, certificate],
      });
      const id = `claim/${batch.batchHash}`;
      if (await this.#send(id, data, signal)) logger.info("claimed a batch that came without a claim", { batchIndex });
    }
    this.#claimed.add(key);
  }

  async #settle(batchIndex: bigint, signal: AbortSignal): Promise<void> {
    const data = encodeFunctionData({ abi: stateClaimsAbi, functionName: "settle", args: [batchIndex] });
    if (await this.#send(`settle/${batchIndex}`, data, signal))
      this.#options.logger.info("settled claims", { upTo: batchIndex });
  }

  /** False when the contract refuses: someone else was faster, or it is not yet time. */
  async #send(id: string, data: `0x${string}`, signal: AbortSignal): Promise<boolean> {
    const { manager, addresses, logger } = this.#options;
    const reason = await refusalOf(manager.send({ id, to: addresses.stateClaims, data, abi: stateClaimsAbi }, signal));
    if (reason !== undefined) logger.debug("not now", { id, reason });
    return reason === undefined;
  }
}
