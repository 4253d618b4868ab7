import type { SequencerSet, Signer } from "@metis/committee";
import { zeroHash } from "@metis/protocol";
import type { GenesisConfig, Hash, SigningDomain } from "@metis/protocol";
import { stateClaimsAbi } from "@metis/protocol/contracts";
import { RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { DerivedBatch } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import type { L1Client } from "../l1/client.ts";
import { L1Error, whenL1Answers } from "../l1/errors.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import { certifyClaim, claimOfDerived } from "./cut.ts";

export interface ProposerOptions {
  readonly l1: L1Client;
  readonly manager: TransactionManager;
  readonly addresses: Pick<GenesisConfig, "stateClaims">;
  readonly domain: SigningDomain;
  readonly signer: Signer;
  readonly set: SequencerSet;
  readonly chain: ChainStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/** Gives batches without a claim (escape, fallback, order alone) one, and settles claims whose window is over. */
export class Proposer implements Service {
  readonly name = "proposer";
  readonly #options: ProposerOptions;
  readonly #loop: RunningLoop;
  /** Batches known to have a live claim, as `index/prevOutputRoot`. */
  readonly #claimed = new Set<string>();

  constructor(options: ProposerOptions) {
    this.#options = options;
    this.#loop = new RunningLoop({
      name: this.name,
      clock: options.clock,
      logger: options.logger,
      intervalMs: options.intervalMs,
      pass: whenL1Answers((signal) => this.#pass(signal)),
    });
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  health(): Health {
    return this.#loop.health();
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { l1, chain, addresses } = this.#options;
    const last = chain.lastDerived();
    if (!last) return;
    const settled = await l1.read(stateClaimsAbi, addresses.stateClaims, "settledCount", []);
    for (let index = settled; index <= last.header.batchIndex && !signal.aborted; index++) {
      const batch = chain.derived(index);
      const before = chain.derived(index - 1n);
      if (batch && before) await this.#ensureClaim(batch, before, signal);
    }
    if (last.header.batchIndex >= settled) await this.#settle(last.header.batchIndex, signal);
  }

  async #ensureClaim(batch: DerivedBatch, before: DerivedBatch, signal: AbortSignal): Promise<void> {
    const { l1, addresses, domain, signer, set, logger } = this.#options;
    const { batchIndex } = batch.header;
    const prevOutputRoot: Hash = before.outputRoots.at(-1) ?? zeroHash;
    const key = `${batch.batchHash}/${prevOutputRoot}`;
    if (this.#claimed.has(key)) return;
    const [status] = await l1.read(stateClaimsAbi, addresses.stateClaims, "claimOf", [batchIndex, prevOutputRoot]);
    if (status === 0) {
      const claim = claimOfDerived(batch, prevOutputRoot);
      const certificate = await certifyClaim(domain, signer, set, claim);
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
    try {
      await manager.send({ id, to: addresses.stateClaims, data, abi: stateClaimsAbi }, signal);
      return true;
    } catch (error) {
      if (!(error instanceof L1Error) || error.remedy !== "reject") throw error;
      logger.debug("not now", { id, reason: error.payload.reason });
      return false;
    }
  }
}
