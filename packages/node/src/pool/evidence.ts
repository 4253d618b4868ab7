import type { Clock, Logger } from "@metis/runtime";
import type { Address } from "viem";
import { L1Service } from "../l1/service.ts";
import type { Accusation, Witness } from "./accuser.ts";

/** What this node can show L1 against seats, for whoever wants to bring it: as its witnesses last told it. */
export class EvidenceDesk {
  readonly #slashingManager: Address;
  readonly #told = new Map<Witness, readonly Accusation[]>();

  constructor(slashingManager: Address) {
    this.#slashingManager = slashingManager;
  }

  /** The same witness, whose word is kept here. */
  heard(witness: Witness): Witness {
    return {
      accusations: async (signal) => {
        const told = await witness.accusations(signal);
        this.#told.set(witness, told);
        return told;
      },
    };
  }

  /** Oldest first, each with the contract that takes it. */
  get accusations(): readonly Required<Accusation>[] {
    const all = [...this.#told.values()].flat();
    return all.map(({ id, signer, offence, to = this.#slashingManager, data }) => ({ id, signer, offence, to, data }));
  }
}

export interface EvidenceGathererOptions {
  readonly witnesses: readonly Witness[];
  /** Calls back when L1 may have made more final. Returns what ends it. */
  readonly onFinal: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Asks the witnesses of a node that brings nothing to L1 itself. */
export class EvidenceGatherer extends L1Service {
  readonly #options: EvidenceGathererOptions;

  constructor(options: EvidenceGathererOptions) {
    super("evidence", 60_000, options);
    this.#options = options;
  }

  protected override listen() {
    return [this.#options.onFinal(() => this.wake())];
  }

  protected async pass(signal: AbortSignal): Promise<void> {
    for (const witness of this.#options.witnesses) await witness.accusations(signal);
  }
}
