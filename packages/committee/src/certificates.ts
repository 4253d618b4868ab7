import { hasQuorum, recoverSigner } from "@metis/protocol";
import type { Certificate, SetMember } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { CommitteeError } from "./errors.ts";
import type { SequencerSet } from "./sets.ts";

/** The certificate of those `members` whose checked signature of the digest `signatureOf` knows; enough or not. */
export function assembleCertificate(
  members: readonly SetMember[],
  signatureOf: (signer: Address) => Hex | undefined,
): Certificate {
  let bitmap = 0n;
  let signatures: Hex = "0x";
  members.forEach(({ signer }, index) => {
    const signature = signatureOf(signer);
    if (signature === undefined) return;
    bitmap |= 1n << BigInt(index);
    signatures = `${signatures}${signature.slice(2).toLowerCase()}`;
  });
  return { bitmap, signatures, members };
}

/** Gathers signatures of one digest until their weight is a quorum (docs/spec/structs.md, "Certificate"). */
export class CertificateCollector {
  readonly #set: SequencerSet;
  readonly #digest: Hex;
  readonly #recover: (digest: Hex, signature: Hex) => Address | undefined;
  readonly #signatures = new Map<Address, Hex>();
  #weight = 0n;

  /** `recover` may be a faster way to what protocol's `recoverSigner` finds. */
  constructor(
    set: SequencerSet,
    digest: Hex,
    recover: (digest: Hex, signature: Hex) => Address | undefined = recoverSigner,
  ) {
    this.#set = set;
    this.#digest = digest;
    this.#recover = recover;
  }

  /** Adds one signature and returns its signer; a second one of a signer is ignored. Throws `unknown-signer`. */
  add(signature: Hex): Address {
    const signer = this.#recover(this.#digest, signature);
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
    return assembleCertificate(this.#set.members, (signer) => this.#signatures.get(signer));
  }
}
