import { hasQuorum } from "@metis/protocol";
import type { BlockAttestation, Certificate, Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { assembleCertificate } from "../certificates.ts";
import type { SequencerSet } from "../sets.ts";
import type { AttestationMessage, SignedAttestation } from "./messages.ts";

export type CertificateMessage = Extract<AttestationMessage, { kind: "certificate" }>;

/** What this member itself says about a block: it executed it. */
export interface ExecutedBlock {
  readonly attestation: BlockAttestation;
  readonly digest: Hash;
  /** The set of the block's epoch. */
  readonly set: SequencerSet;
}

interface Vote extends SignedAttestation {
  readonly digest: Hash;
}

/** Different attestations of one block that digests are remembered for; an honest pool sees one. */
const maxDigests = 8;

/** What is known about the signatures of one block number. */
export class BlockVotes {
  /** Absent until this member has the block. */
  executed: ExecutedBlock | undefined;
  /** Whether the certificate is stored. */
  isCertified = false;
  readonly #votes = new Map<Address, Vote>();
  /** Certificates that came before the block, one of each sender. */
  readonly #early = new Map<Address, CertificateMessage>();
  readonly #digests: { readonly attestation: BlockAttestation; readonly digest: Hash }[] = [];

  /** The digest of `attestation`, computed by `hash` unless it is known. */
  digestOf(attestation: BlockAttestation, hash: (attestation: BlockAttestation) => Hash): Hash {
    const { executed } = this;
    if (executed && isSame(executed.attestation, attestation)) return executed.digest;
    const known = this.#digests.find((entry) => isSame(entry.attestation, attestation));
    if (known) return known.digest;
    const digest = hash(attestation);
    if (this.#digests.length < maxDigests) this.#digests.push({ attestation, digest });
    return digest;
  }

  /** Whether exactly this signature is known. */
  knows(signature: Hex): boolean {
    for (const vote of this.#votes.values()) if (vote.signature === signature) return true;
    return false;
  }

  voteOf(signer: Address): Vote | undefined {
    return this.#votes.get(signer);
  }

  /** Keeps the first vote of a signer. */
  add(signer: Address, vote: Vote): void {
    if (!this.#votes.has(signer)) this.#votes.set(signer, vote);
  }

  keepEarly(from: Address, message: CertificateMessage): void {
    this.#early.set(from, message);
  }

  takeEarly(): readonly CertificateMessage[] {
    const early = [...this.#early.values()];
    this.#early.clear();
    return early;
  }

  /** Votes for the block that this member executed. */
  agreeing(): readonly SignedAttestation[] {
    return [...this.#votes.values()].filter(({ digest }) => digest === this.executed?.digest);
  }

  /** Weight of the votes for `digest` within the block's set; zero before execution. */
  weightFor(digest: Hash): bigint {
    const members = this.executed?.set.members ?? [];
    return members.reduce(
      (sum, { signer, weight }) => (this.#votes.get(signer)?.digest === digest ? sum + weight : sum),
      0n,
    );
  }

  /** The certificate, once votes for the own block weigh more than two thirds. */
  certificate(): Certificate | undefined {
    const { executed } = this;
    if (!executed || !hasQuorum(this.weightFor(executed.digest), executed.set.totalWeight)) return undefined;
    return assembleCertificate(executed.set.members, (signer) => {
      const vote = this.#votes.get(signer);
      return vote?.digest === executed.digest ? vote.signature : undefined;
    });
  }

  /** An attestation of another block than the own that more than two thirds signed. */
  contradiction(): BlockAttestation | undefined {
    const { executed } = this;
    if (!executed) return undefined;
    for (const { attestation, digest } of this.#votes.values())
      if (digest !== executed.digest && hasQuorum(this.weightFor(digest), executed.set.totalWeight)) return attestation;
    return undefined;
  }
}

const isSame = (a: BlockAttestation, b: BlockAttestation): boolean =>
  a.blockHash === b.blockHash &&
  a.outputRoot === b.outputRoot &&
  a.number === b.number &&
  a.epoch === b.epoch &&
  a.generation === b.generation &&
  a.anchorNumber === b.anchorNumber &&
  a.anchorHash === b.anchorHash;
