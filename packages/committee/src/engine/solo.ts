import { MetisError, remedyOf } from "@metis/protocol";
import type { SetMember } from "@metis/protocol";
import type { Clock, Health, Logger } from "@metis/runtime";
import type { Address } from "viem";
import { CommitteeError } from "../errors.ts";
import { emptyProposal } from "./port.ts";
import type { ConsensusApplication, ConsensusEngine } from "./port.ts";

export interface SoloOptions {
  readonly address: Address;
  readonly application: ConsensusApplication;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Height that follows the last one decided. */
  readonly firstHeight: bigint;
  /** Wait after a failed height, milliseconds. */
  readonly retryMs?: number;
}

/** The engine of a pool of one: proposes, checks and decides alone. Not fault tolerant. */
export class SoloEngine implements ConsensusEngine {
  readonly name = "consensus";
  readonly #options: SoloOptions;
  #height: bigint;
  #emptyNext = false;
  #set: readonly SetMember[] | undefined;
  #health: Health = { status: "idle" };
  #stopped = false;
  #paused = 0;
  #wanted = false;
  #decided: Uint8Array | undefined;
  #pass: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(options: SoloOptions) {
    this.#options = options;
    this.#height = options.firstHeight;
  }

  get height(): bigint {
    return this.#height;
  }

  /** The set last handed over by the application, if any. */
  get nextSet(): readonly SetMember[] | undefined {
    return this.#set;
  }

  async start(): Promise<void> {
    this.#health = { status: "ok" };
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry?.();
    await this.#pass;
    if (this.#health.status !== "failed") this.#health = { status: "stopped" };
  }

  health(): Health {
    return this.#health;
  }

  wake(): void {
    this.#wanted = true;
    if (this.#pass || this.#stopped || this.#paused > 0 || this.#health.status === "idle") return;
    this.#pass = this.#run().finally(() => {
      this.#pass = undefined;
      if (this.#wanted) this.wake();
    });
  }

  async pause(): Promise<void> {
    this.#paused += 1;
    await this.#pass;
  }

  resume(): void {
    this.#paused -= 1;
    if (this.#paused === 0 && this.#wanted) this.wake();
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted && !this.#stopped && this.#paused === 0) {
        this.#wanted = false;
        if (await this.#decide()) this.#wanted = true;
      }
      this.#health = { status: "ok" };
    } catch (error) {
      this.#failed(error);
    }
  }

  /** One height. Returns whether there was one. What is decided stays so until the application has finalised it. */
  async #decide(): Promise<boolean> {
    const { application, address: proposer } = this.#options;
    const height = this.#height;
    this.#decided ??= await this.#propose(height);
    if (this.#decided === undefined) return false;
    const { validatorUpdates } = await application.finalizeBlock({ height, proposer, proposal: this.#decided });
    this.#decided = undefined;
    this.#emptyNext = validatorUpdates !== undefined;
    if (validatorUpdates) this.#set = validatorUpdates;
    this.#height = height + 1n;
    return true;
  }

  async #propose(height: bigint): Promise<Uint8Array | undefined> {
    const { application, address: proposer } = this.#options;
    const proposal = this.#emptyNext ? emptyProposal : await application.prepareProposal({ height });
    if (proposal === undefined) return undefined;
    if ((await application.processProposal({ height, proposer, proposal })) === "reject")
      throw new CommitteeError("proposal-rejected", "retry", `own proposal for height ${height} was refused`, {
        height,
      });
    return proposal;
  }

  #failed(error: unknown): void {
    const { clock, logger, retryMs = 500 } = this.#options;
    const detail = error instanceof Error ? error.message : String(error);
    if (error instanceof MetisError && error.remedy === "halt") {
      logger.error("stopped: going on would do harm", { height: this.#height, error });
      this.#health = { status: "failed", detail };
      this.#stopped = true;
      return;
    }
    // The chain moved under the decided block, by L1's word: there is nothing to finalise any more.
    if (remedyOf(error) === "reset") this.#decided = undefined;
    logger.warn("height failed, trying again", { height: this.#height, error });
    this.#health = { status: "degraded", detail };
    this.#wanted = false;
    this.#cancelRetry?.();
    this.#cancelRetry = clock.after(retryMs, () => this.wake());
  }
}
