import { slashingManagerAbi } from "@metis/protocol/contracts";
import { codecs, openTable, RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service, Store } from "@metis/runtime";
import type { Address, Hex } from "viem";
import { refusalOf, whenL1Answers } from "../l1/errors.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";

/** What L1 can be shown against a seat. */
export interface Accusation {
  /** Names the offence: it is brought to L1 once. */
  readonly id: string;
  readonly signer: Address;
  /** What the seat did, for the operator. */
  readonly offence: string;
  /** The call of SlashingManager that shows it. */
  readonly data: Hex;
}

/** Where accusations come from. Gives the same ones again until L1 has decided; what L1 cannot check yet is not among them. */
export interface Witness {
  accusations(signal: AbortSignal): Promise<readonly Accusation[]>;
}

export interface AccuserOptions {
  readonly slashingManager: Address;
  readonly self: Address;
  readonly witnesses: readonly Witness[];
  readonly store: Store;
  readonly manager: Pick<TransactionManager, "send">;
  /** Calls back when L1 may have made more final. Returns what ends it. */
  readonly onFinal: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Refusals that a reorg of L1 may undo: what they refuse is brought again. */
const passing: ReadonlySet<string> = new Set(["ClaimNotSettled", "WrongAttendance"]);

/** Brings evidence against other seats to L1, which slashes them and pays the reporter. Each is tried until L1 has decided on it. */
export class Accuser implements Service {
  readonly name = "accuser";
  readonly #options: AccuserOptions;
  readonly #loop: RunningLoop;
  /** What became of evidence: L1's word, by place and signer. */
  readonly #verdicts;
  #unsubscribe: () => void = () => undefined;

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
    this.#unsubscribe = this.#options.onFinal(() => this.wake());
    return this.#loop.start();
  }

  stop(): Promise<void> {
    this.#unsubscribe();
    return this.#loop.stop();
  }

  health(): Health {
    return this.#loop.health();
  }

  /** There may be new evidence. */
  wake(): void {
    this.#loop.wake();
  }

  async #pass(signal: AbortSignal): Promise<void> {
    for (const witness of this.#options.witnesses)
      for (const accusation of await witness.accusations(signal)) {
        if (signal.aborted) return;
        if (this.#verdicts.get(accusation.id) === undefined) await this.#accuse(accusation, signal);
      }
  }

  async #accuse(accusation: Accusation, signal: AbortSignal): Promise<void> {
    const { self, logger, store } = this.#options;
    const { id, signer, offence } = accusation;
    const isOwn = signer === self;
    if (isOwn) logger.error("this seat's own key can be slashed", { id, offence });
    const verdict = isOwn ? "own" : await this.#report(accusation, signal);
    if (!passing.has(verdict)) await store.write([this.#verdicts.put(id, verdict)]);
  }

  /** The refusal's name when L1 wants none of it: reported by another, or nothing left to slash. */
  async #report({ id, signer, offence, data }: Accusation, signal: AbortSignal): Promise<string> {
    const { manager, slashingManager, logger } = this.#options;
    const request = { id: `accuse/${id}`, to: slashingManager, data, abi: slashingManagerAbi };
    const reason = await refusalOf(manager.send(request, signal));
    if (reason === undefined) logger.warn("a seat was slashed", { signer, offence });
    else logger.info("L1 takes no evidence against a seat", { signer, offence, reason });
    return reason ?? "slashed";
  }
}
