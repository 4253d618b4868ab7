import { CertificateCollector, CommitteeError } from "@metis/committee";
import type { SequencerSet } from "@metis/committee";
import type { Certificate, Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { recoverDigestSigner } from "../signatures.ts";

/** Digests of one sender that are remembered before their claim is known here. */
const maxEarly = 16;

interface Ballot {
  readonly batchIndex: bigint;
  readonly collector: CertificateCollector;
  /** A sender is heard once: each has one signature to give. */
  readonly heard: Set<Address>;
}

/** Signatures of the claims that are being certified, and those that came before their claim. */
export class ClaimVotes {
  readonly #ballots = new Map<Hash, Ballot>();
  readonly #early = new Map<Address, Map<Hash, Hex>>();

  /** Counts signatures of a claim that this member agrees with; those that came early count at once. Asking again is harmless. */
  open(digest: Hash, batchIndex: bigint, set: SequencerSet): void {
    if (this.#ballots.has(digest)) return;
    this.#ballots.set(digest, {
      batchIndex,
      collector: new CertificateCollector(set, digest, recoverDigestSigner),
      heard: new Set(),
    });
    for (const [from, signatures] of this.#early) {
      const signature = signatures.get(digest);
      if (signature !== undefined) this.add(from, digest, signature);
      signatures.delete(digest);
    }
  }

  /** Takes a signature that `from` sent. What is nobody's of the epoch's set is left out. */
  add(from: Address, digest: Hash, signature: Hex): void {
    const ballot = this.#ballots.get(digest);
    if (!ballot) return this.#keepEarly(from, digest, signature);
    if (ballot.heard.has(from)) return;
    ballot.heard.add(from);
    try {
      ballot.collector.add(signature);
    } catch (error) {
      if (!(error instanceof CommitteeError) || error.remedy !== "reject") throw error;
    }
  }

  /** The certificate once more than two thirds have signed. */
  certificate(digest: Hash): Certificate | undefined {
    return this.#ballots.get(digest)?.collector.certificate();
  }

  /** Forgets claims of batches up to `batchIndex`, and says which. */
  settle(batchIndex: bigint): readonly Hash[] {
    const settled = [...this.#ballots].filter(([, ballot]) => ballot.batchIndex <= batchIndex);
    for (const [digest] of settled) this.#ballots.delete(digest);
    return settled.map(([digest]) => digest);
  }

  #keepEarly(from: Address, digest: Hash, signature: Hex): void {
    const kept = this.#early.get(from) ?? new Map<Hash, Hex>();
    this.#early.set(from, kept);
    kept.set(digest, signature);
    const [oldest] = kept.keys();
    if (kept.size > maxEarly && oldest !== undefined) kept.delete(oldest);
  }
}
