import { emergencyHandoverAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { codecs, openTable } from "@metis/runtime";
import type { Clock, Logger, Store } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { L1Client } from "../l1/client.ts";
import { L1Error, refusalOf } from "../l1/errors.ts";
import { L1Service } from "../l1/service.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";

/** What L1 can be shown against a seat. */
export interface Accusation {
  /** Names the offence: it is brought to L1 once. */
  readonly id: string;
  readonly signer: Address;
  /** What the seat did, for the operator. */
  readonly offence: string;
  /** The contract that takes the evidence; SlashingManager unless it is another. */
  readonly to?: Address;
  /** The call that shows it. */
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
  readonly l1: Pick<L1Client, "call">;
  readonly manager: Pick<TransactionManager, "send">;
  /** Calls back when L1 may have made more final. Returns what ends it. */
  readonly onFinal: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Refusals that a reorg of L1 may undo: what they refuse is brought again. */
const passing: ReadonlySet<string> = new Set(["ClaimNotSettled", "WrongAttendance", "PinKept"]);
/** Of the contracts that take evidence, so that each of their refusals has its name. */
const evidenceAbi = [...slashingManagerAbi, ...emergencyHandoverAbi];

/**
 * Brings evidence against other seats to L1, which slashes them and pays the reporter. Each is tried until L1 has decided on it for good:
 * what a reorganisation takes back is brought again.
 */
export class Accuser extends L1Service {
  readonly #options: AccuserOptions;
  /** What became of evidence: L1's last word, by place and signer. */
  readonly #verdicts;
  /** Those of which the log says what L1 made of them. */
  readonly #told = new Set<string>();

  constructor(options: AccuserOptions) {
    super("accuser", 60_000, options);
    this.#options = options;
    this.#verdicts = openTable(options.store, "accusations", codecs.text, codecs.text);
  }

  protected override listen() {
    return [this.#options.onFinal(() => this.wake())];
  }

  protected async pass(signal: AbortSignal): Promise<void> {
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
    if (verdict === undefined) return;
    await store.write([this.#verdicts.put(id, verdict)]);
    this.#told.delete(id);
  }

  /** The refusal's name when L1 wants none of it for good: reported by this node or another, or nothing left to slash. */
  async #report(accusation: Accusation, signal: AbortSignal): Promise<string | undefined> {
    const { id, signer, offence, to = this.#options.slashingManager, data } = accusation;
    const { manager, logger } = this.#options;
    const request = { id: `accuse/${id}`, to, data, abi: evidenceAbi };
    const reason = await refusalOf(manager.send(request, signal));
    if (reason === undefined) logger.warn("a seat was slashed", { signer, offence });
    else if (!this.#told.has(id)) logger.info("L1 takes no evidence against a seat", { signer, offence, reason });
    this.#told.add(id);
    return reason === undefined || passing.has(reason) ? undefined : this.#lastWord(accusation);
  }

  /** The refusal where L1 is final; nothing while there is none, or when the endpoint does not keep that state. */
  async #lastWord({ to = this.#options.slashingManager, data }: Accusation): Promise<string | undefined> {
    const { l1, self } = this.#options;
    try {
      const reason = await refusalOf(l1.call({ from: self, to, data }, evidenceAbi, "finalized"));
      return reason !== undefined && passing.has(reason) ? undefined : reason;
    } catch (error) {
      if (error instanceof L1Error && error.code === "l1-refused") return undefined;
      throw error;
    }
  }
}
