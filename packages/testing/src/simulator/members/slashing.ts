import type { Equivocation } from "@metis/committee";
import { blockAttestationDigest } from "@metis/protocol";
import type { Address } from "viem";
import type { Keyring } from "./keys.ts";
import { domain } from "./member.ts";

export interface SlashingOptions {
  readonly keyring: Keyring;
  /** Every key that each seat ever has. */
  readonly seats: readonly (readonly Address[])[];
  /** Takes the seat with these keys out of every set that is not frozen yet. */
  readonly slash: (keys: readonly Address[]) => void;
}

/** SlashingManager's entry for equivocation (docs/spec/staking.md), checked as the contract does. */
export class SimulatedSlashing {
  readonly #options: SlashingOptions;
  readonly #slashed = new Set<number>();

  constructor(options: SlashingOptions) {
    this.#options = options;
  }

  /** Seats that lost everything. */
  get slashed(): number {
    return this.#slashed.size;
  }

  /** Slashes the seat that signed both, once. Returns why L1 refuses the evidence, if it does. */
  report({ first, second }: Equivocation): string | undefined {
    const { keyring, seats, slash } = this.#options;
    const [a, b] = [first.attestation, second.attestation];
    if (a.generation !== b.generation || a.number !== b.number) return "NoConflict";
    const digests = [blockAttestationDigest(domain, a), blockAttestationDigest(domain, b)] as const;
    if (digests[0] === digests[1]) return "SameAttestation";
    const seat = this.#seatOf(keyring.recover(digests[0], first.signature));
    if (seat < 0 || seat !== this.#seatOf(keyring.recover(digests[1], second.signature))) return "NotOneSeat";
    if (this.#slashed.has(seat)) return undefined;
    this.#slashed.add(seat);
    slash(seats[seat]!);
    return undefined;
  }

  #seatOf(signer: Address | undefined): number {
    return this.#options.seats.findIndex((keys) => signer !== undefined && keys.includes(signer));
  }
}
