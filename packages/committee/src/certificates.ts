import { buildCertificate, hasQuorum, recoverSigner } from "@metis/protocol";
import type { Certificate } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { CommitteeError } from "./errors.ts";
import type { SequencerSet } from "./sets.ts";

/** Gathers signatures of one digest until their weight is a quorum (docs/spec/structs.md, "Certificate"). */
export class CertificateCollector {
  readonly #set: SequencerSet;
  readonly #digest: Hex;
  readonly #signatures = new Map<Address, Hex>();
  #weight = 0n;

  constructor(set: SequencerSet, digest: Hex) {
    this.#set = set;
    this.#digest = digest;
  }

  /** Adds one signature and returns its signer; a second one of a signer is ignored. Throws `unknown-signer`. */
  add(signature: Hex): Address {
    const signer = recoverSigner(this.#digest, signature);
    const member = this.#set.members.find((other) => other.signer === signer);
    if (signer === undefined || member === undefined)
      throw new CommitteeError("unknown-signer", "reject", "the signature is by nobody in the epoch's set", { signer });
    if (!this.#signatures.has(signer)) this.#weight += member.weight;
    this.#signatures.set(signer, signature);
    return signer;
  }

  get weight(): bigint {
    return this.#weight;
  }

  /** The certificate once the weight is strictly above two thirds; before that nothing. */
  certificate(): Certificate | undefined {
    if (!hasQuorum(this.#weight, this.#set.totalWeight)) return undefined;
    return buildCertificate(this.#digest, this.#set.members, [...this.#signatures.values()]);
  }
}
