import type { SignedAttestation } from "@metis/committee";
import type { BlockRef } from "@metis/mvm";
import type { Generation } from "@metis/protocol";
import { emergencyHandoverAbi } from "@metis/protocol/contracts";
import { codecs, jsonCodec, openTable } from "@metis/runtime";
import type { Logger, Store } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Address } from "viem";
import type { Accusation, Witness } from "./accuser.ts";

export interface PinWitnessOptions {
  readonly emergencyHandover: Address;
  /** The block that a handover began a generation on, as known here; nothing where no pin binds it. */
  readonly pinOf: (generation: Generation) => BlockRef | undefined;
  readonly store: Store;
  readonly logger: Logger;
}

/**
 * Those who signed, in a generation that a handover began, a block at or below the pinned one (docs/spec/below-two-thirds.md), as
 * heard from them. The next block with another parent is evidence, too, but with its header alone, which no member has.
 */
export class PinWitness implements Witness {
  readonly #options: PinWitnessOptions;
  /** One a member and generation: it costs everything. */
  readonly #found;
  /** What the disk refused. */
  readonly #waiting = new Map<string, Accusation>();

  constructor(options: PinWitnessOptions) {
    this.#options = options;
    this.#found = openTable(options.store, "brokenPins", codecs.text, jsonCodec<Accusation>());
  }

  /** An attestation of a member. True when it is new evidence, which is on disk then, if there is room. */
  async heard(given: SignedAttestation, signer: Address): Promise<boolean> {
    const { pinOf, logger } = this.#options;
    const { generation, number } = given.attestation;
    const pin = pinOf(generation);
    if (!pin || number > pin.number) return false;
    const accusation = this.#accusationOf(given, signer);
    if (this.#found.get(accusation.id) || this.#waiting.has(accusation.id)) return false;
    logger.error("a member signed a block at or below the pinned one", {
      signer,
      generation,
      number,
      pinned: pin.number,
    });
    this.#waiting.set(accusation.id, accusation);
    await this.#keep().catch((error: unknown) =>
      logger.warn("evidence against a member waits for the disk", { signer, generation, number, error }),
    );
    return true;
  }

  async accusations(): Promise<readonly Accusation[]> {
    await this.#keep();
    return [...this.#found.entries()].map(([, accusation]) => accusation);
  }

  async #keep(): Promise<void> {
    const kept = [...this.#waiting];
    if (kept.length === 0) return;
    await this.#options.store.write(kept.map(([id, accusation]) => this.#found.put(id, accusation)));
    for (const [id] of kept) this.#waiting.delete(id);
  }

  #accusationOf({ attestation, signature }: SignedAttestation, signer: Address): Accusation {
    return {
      id: `pin/${attestation.generation}/${signer}`,
      signer,
      offence: "signed a block at or below the pinned one",
      to: this.#options.emergencyHandover,
      data: encodeFunctionData({
        abi: emergencyHandoverAbi,
        functionName: "reportPinBroken",
        args: [attestation, signature, "0x"],
      }),
    };
  }
}
