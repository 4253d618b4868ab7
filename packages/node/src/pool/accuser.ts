import type { Equivocation, EvidenceStore } from "@metis/committee";
import { slashingManagerAbi } from "@metis/protocol/contracts";
import { codecs, openTable, RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service, Store } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Address } from "viem";
import { refusalOf, whenL1Answers } from "../l1/errors.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";

export interface AccuserOptions {
  readonly slashingManager: Address;
  readonly self: Address;
  readonly evidence: EvidenceStore;
  readonly store: Store;
  readonly manager: Pick<TransactionManager, "send">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Brings evidence against other seats to L1, which slashes them and pays the reporter. Each is tried until L1 has decided on it. */
export class Accuser implements Service {
  readonly name = "accuser";
  readonly #options: AccuserOptions;
  readonly #loop: RunningLoop;
  /** What became of evidence: L1's word, by place and signer. */
  readonly #verdicts;

  constructor(options: AccuserOptions) {
    this.#options = options;
    this.#verdicts = openTable(options.store, "accusations", codecs.text, codecs.text);
    this.#loop = new RunningLoop({
      name: this.name,
      clock: options.clock,
      logger: options.logger,
      intervalMs: 60_000,
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

  /** There is new evidence. */
  wake(): void {
    this.#loop.wake();
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { evidence, self, logger } = this.#options;
    for (const equivocation of evidence.entries()) {
      const id = idOf(equivocation);
      if (signal.aborted) return;
      if (this.#verdicts.get(id) !== undefined) continue;
      if (equivocation.signer === self) logger.error("this seat's own key signed two blocks of one number", { id });
      const verdict = equivocation.signer === self ? "own" : await this.#report(id, equivocation, signal);
      await this.#options.store.write([this.#verdicts.put(id, verdict)]);
    }
  }

  /** The refusal's name when L1 wants none of it: reported by another, or nothing left to slash. */
  async #report(id: string, { signer, first, second }: Equivocation, signal: AbortSignal): Promise<string> {
    const { manager, slashingManager, logger } = this.#options;
    const data = encodeFunctionData({
      abi: slashingManagerAbi,
      functionName: "reportEquivocation",
      args: [first.attestation, first.signature, second.attestation, second.signature],
    });
    const request = { id: `accuse/${id}`, to: slashingManager, data, abi: slashingManagerAbi };
    const reason = await refusalOf(manager.send(request, signal));
    if (reason === undefined) logger.warn("a seat was slashed for signing two blocks of one number", { signer });
    else logger.info("L1 takes no evidence against a seat", { signer, reason });
    return reason ?? "slashed";
  }
}

const idOf = ({ signer, first }: Equivocation): string =>
  `${first.attestation.generation}/${first.attestation.number}/${signer}`;
