import { blockAttestationDigest } from "@metis/protocol";
import type { BlockAttestation, Certificate, Generation, Hash, L2BlockNumber, SigningDomain } from "@metis/protocol";
import type { Clock, Logger } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { Attester } from "../attester.ts";
import type { Mesh } from "../engine/embedded/mesh.ts";
import { CommitteeError } from "../errors.ts";
import { holdsSeat } from "../sets.ts";
import type { SequencerSet } from "../sets.ts";
import { BlockVotes } from "./blockVotes.ts";
import type { CertificateMessage } from "./blockVotes.ts";
import { Accusations } from "./evidence.ts";
import type { Equivocation, EvidenceStore } from "./evidence.ts";
import { decodeAttestationMessage, encodeAttestationMessage, maxWanted, signaturesBySigner } from "./messages.ts";
import type { AttestationMessage, SignedAttestation } from "./messages.ts";

/** A block certificate with what it says. */
export interface CertifiedBlock {
  readonly attestation: BlockAttestation;
  readonly certificate: Certificate;
}

export interface AttestationExchangeOptions {
  readonly domain: SigningDomain;
  readonly self: Address;
  /** Absent for a member that only watches. */
  readonly attester: Attester | undefined;
  /** Channel 2; absent in a pool of one. */
  readonly mesh: Mesh | undefined;
  readonly evidence: EvidenceStore;
  /** Signer of 65 bytes over a digest, as protocol's `recoverSigner`. */
  readonly recover: (digest: Hash, signature: Hex) => Address | undefined;
  /** Told of every attestation of a member before it counts. */
  readonly heard?: (given: SignedAttestation, signer: Address) => Promise<void>;
  /** Whose signatures are worth keeping before the block, and so its set, is known. */
  readonly isMember: (signer: Address) => boolean;
  /** Keeps a new certificate durably; tried again when it throws. */
  readonly certified: (block: CertifiedBlock) => Promise<void>;
  /** Certificates kept by `certified`, for members that ask. */
  readonly certificateOf: (number: L2BlockNumber) => CertifiedBlock | undefined;
  /** Told of every new equivocation, which is on disk by then. */
  readonly equivocated: (evidence: Equivocation) => void;
  /** More than two thirds signed another block than the one executed here. */
  readonly contradicted: (theirs: BlockAttestation, own: BlockAttestation) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Numbers above the own head, and below the highest certified block, whose votes are kept. */
const window = 256n;
/** Milliseconds between questions while something is missing. */
const askMs = 500;
/** One member's questions are answered once in so many milliseconds. */
const answerMs = 20;
/** Blocks that are remembered at a time; a member that catches up forgets the oldest first. */
const maxBlocks = 2048;
/** Messages that wait for their turn; more are dropped, whoever sent them asks again. */
const maxQueued = 4096;

/**
 * Signs what this member executed, gathers what the others signed, and keeps a certificate as soon as more than two thirds agree
 * (docs/spec/pool.md, "Block attestations"). Tasks run one after the other; nothing here waits for another member.
 */
export class AttestationExchange {
  readonly #options: AttestationExchangeOptions;
  readonly #blocks = new Map<L2BlockNumber, BlockVotes>();
  readonly #answered = new Map<Address, number>();
  readonly #accusations: Accusations;
  #generation: Generation;
  /** Highest certified block. */
  #certified: L2BlockNumber;
  /** Highest block executed here. */
  #head: L2BlockNumber;
  #queue: Promise<void> = Promise.resolve();
  #queued = 0;
  #asked = 0;
  /** Last block of the latest question, and who was asked. */
  #wanted: { readonly member: Address; readonly to: L2BlockNumber } | undefined;
  #leave: (() => void) | undefined;
  #cancelTick: (() => void) | undefined;
  #signingFailures = 0;

  /** Begins with nothing to sign: blocks above `head` are told by `executed`. */
  constructor(options: AttestationExchangeOptions, generation: Generation, head: L2BlockNumber) {
    this.#options = options;
    this.#accusations = new Accusations(options);
    this.#generation = generation;
    this.#certified = head;
    this.#head = head;
  }

  get certified(): L2BlockNumber {
    return this.#certified;
  }

  /** Times that signing failed since the start. */
  get signingFailures(): number {
    return this.#signingFailures;
  }

  start(): void {
    this.#leave = this.#options.mesh?.receive((from, bytes) => this.#receive(from, bytes));
    this.#tickLater();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#leave?.();
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    await this.#queue;
  }

  /**
   * This member executed and committed the block: signs it when it has a seat in `set`, and tells the others. Resolves when the
   * signature has left, and when the certificate is stored if that was all it took. Asking again is harmless.
   * Throws `double-sign` or `not-monotone`, and what the signer throws.
   */
  executed(attestation: BlockAttestation, set: SequencerSet): Promise<void> {
    return this.#enqueue(() => this.#executed(attestation, set));
  }

  /** The chain went another way: what is known of its blocks is void, and none up to `head` needs a signature. */
  reset(generation: Generation, head: L2BlockNumber): Promise<void> {
    return this.#enqueue(async () => this.#void(generation, head));
  }

  /** Runs `change` while nothing else happens here. `forget` does within it what `reset` does. */
  exclusively<T>(change: (forget: (generation: Generation, head: L2BlockNumber) => void) => Promise<T>): Promise<T> {
    return this.#enqueue(() => change((generation, head) => this.#void(generation, head)));
  }

  /** Blocks up to `number` need no certificate any more: L1 has them. */
  settled(number: L2BlockNumber): Promise<void> {
    return this.#enqueue(async () => {
      if (number <= this.#certified) return;
      this.#certified = number;
      if (number > this.#head) this.#head = number;
      this.#forget();
    });
  }

  /** Who signed block `number` as it was executed here, as far as is known; nothing for blocks too old. */
  signersOf(number: L2BlockNumber): readonly Address[] | undefined {
    const votes = this.#blocks.get(number);
    const { executed } = votes ?? {};
    return executed?.set.members
      .map(({ signer }) => signer)
      .filter((signer) => votes?.voteOf(signer)?.digest === executed.digest);
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  #void(generation: Generation, head: L2BlockNumber): void {
    this.#generation = generation;
    this.#certified = head;
    this.#head = head;
    this.#blocks.clear();
  }

  #receive(from: Address, bytes: Uint8Array): void {
    if (this.#queued >= maxQueued) return;
    this.#queued += 1;
    void this.#enqueue(async () => {
      this.#queued -= 1;
      await this.#deliver(from, bytes);
    }).catch((error: unknown) => {
      const { logger } = this.#options;
      if (error instanceof CommitteeError && error.remedy === "reject")
        logger.debug("dropped a member's message", { from, error });
      else logger.warn("a member's message could not be taken", { from, error });
    });
  }

  async #deliver(from: Address, bytes: Uint8Array): Promise<void> {
    const message = decodeAttestationMessage(bytes);
    switch (message.kind) {
      case "attestation":
        return this.#take(message);
      case "certificate":
        return this.#takeCertificate(from, message);
      case "want":
        return this.#answer(from, message.from, message.count);
      default:
    }
  }

  async #executed(attestation: BlockAttestation, set: SequencerSet): Promise<void> {
    const { domain } = this.#options;
    const { number, generation } = attestation;
    // A block below one that is certified is certified by it: its own signature only helps members that miss it.
    if (generation !== this.#generation) return;
    if (number > this.#head) this.#head = number;
    const votes = this.#votesOf(number);
    if (!votes) return;
    const digest = votes.digestOf(attestation, (value) => blockAttestationDigest(domain, value));
    votes.executed = { attestation, digest, set };
    for (const early of votes.takeEarly()) this.#count(votes, early);
    await this.#sign(votes);
    await this.#complete(votes);
  }

  /** Protection, key, broadcast; nothing when this member has no seat in the block's set. */
  async #sign(votes: BlockVotes): Promise<void> {
    const { attester, self } = this.#options;
    const { executed } = votes;
    if (!attester || !executed || !holdsSeat(executed.set, self)) return;
    const { attestation, digest } = executed;
    const earlier = votes.voteOf(self);
    if (earlier?.digest === digest) return;
    try {
      if (earlier) throw signedElsewhere(attestation);
      const { signature } = await attester.attest(attestation);
      votes.add(self, { attestation, digest, signature });
      this.#broadcast({ kind: "attestation", attestation, signature });
    } catch (error) {
      this.#signingFailures += 1;
      if (!(error instanceof CommitteeError) || error.code !== "not-monotone") throw error;
      // A later block carries the signature; the blocks before it are certified by it.
      this.#options.logger.warn("a block is left unsigned: a later one was signed before", {
        number: attestation.number,
      });
    }
  }

  /** One attestation, of any member. */
  async #take(given: SignedAttestation): Promise<void> {
    const { domain, recover, isMember } = this.#options;
    const { attestation, signature } = given;
    if (attestation.generation !== this.#generation) return;
    const votes = this.#votesOf(attestation.number);
    if (!votes || votes.knows(signature)) return;
    const digest = votes.digestOf(attestation, (value) => blockAttestationDigest(domain, value));
    const signer = recover(digest, signature);
    if (signer === undefined || !isMember(signer))
      throw new CommitteeError("unknown-signer", "reject", "an attestation is by nobody in the pool", { signer });
    await this.#options.heard?.(given, signer);
    const earlier = votes.voteOf(signer);
    if (earlier && earlier.digest !== digest)
      return this.#accusations.accuse({ signer, first: earlier, second: given });
    votes.add(signer, { ...given, digest });
    await this.#complete(votes);
  }

  async #takeCertificate(from: Address, message: CertificateMessage): Promise<void> {
    if (message.generation !== this.#generation || message.number <= this.#lowest()) return;
    const votes = this.#votesOf(message.number);
    if (!votes || votes.isCertified) return;
    if (!votes.executed) return votes.keepEarly(from, message);
    this.#count(votes, message);
    await this.#complete(votes);
  }

  /** Takes the signatures of a certificate as votes for the own block; those that are not are left out. */
  #count(votes: BlockVotes, { epoch, bitmap, signatures }: CertificateMessage): void {
    const { recover } = this.#options;
    const { executed } = votes;
    if (!executed || executed.attestation.epoch !== epoch) return;
    const { attestation, digest, set } = executed;
    for (const [signer, signature] of signaturesBySigner(bitmap, signatures, set.members) ?? [])
      if (votes.voteOf(signer) === undefined && recover(digest, signature) === signer)
        votes.add(signer, { attestation, digest, signature });
  }

  /** Stores the certificate once there is one. */
  async #complete(votes: BlockVotes): Promise<void> {
    const { executed } = votes;
    if (votes.isCertified || !executed) return;
    const certificate = votes.certificate();
    if (!certificate) return this.#compare(votes);
    const { attestation } = executed;
    await this.#options.certified({ attestation, certificate });
    votes.isCertified = true;
    if (attestation.number <= this.#certified) return;
    this.#certified = attestation.number;
    this.#forget();
    if (this.#wanted && this.#certified >= this.#wanted.to) this.#ask(this.#wanted.member);
  }

  #compare(votes: BlockVotes): void {
    const theirs = votes.contradiction();
    if (theirs && votes.executed) this.#options.contradicted(theirs, votes.executed.attestation);
  }

  /** Certificates where there are any, else the votes that this member knows of. */
  #answer(from: Address, first: L2BlockNumber, count: number): void {
    const { certificateOf, clock } = this.#options;
    const now = clock.monotonic();
    if (now - (this.#answered.get(from) ?? -answerMs) < answerMs) return;
    this.#answered.set(from, now);
    for (let number = first; number < first + BigInt(count) && number <= this.#head; number++) {
      const found = certificateOf(number);
      if (found) this.#send(from, certificateMessage(found));
      else for (const vote of this.#blocks.get(number)?.agreeing() ?? []) this.#sendVote(from, vote);
    }
  }

  #sendVote(to: Address, { attestation, signature }: SignedAttestation): void {
    this.#send(to, { kind: "attestation", attestation, signature });
  }

  #tickLater(): void {
    this.#cancelTick = this.#options.clock.after(askMs, () => {
      void this.#enqueue(() => this.#tick()).catch((error: unknown) =>
        this.#options.logger.warn("certificates wait", { error }),
      );
      this.#tickLater();
    });
  }

  /** Tries again what failed, and asks the next member for what is missing. */
  async #tick(): Promise<void> {
    await this.#accusations.tryAgain();
    if (this.#certified >= this.#head) return;
    const missing = this.#blocks.get(this.#certified + 1n)?.executed ?? this.#blocks.get(this.#head)?.executed;
    const others = missing?.set.members.filter(({ signer }) => signer !== this.#options.self) ?? [];
    const member = others[this.#asked++ % others.length];
    if (member) this.#ask(member.signer);
    for (const votes of this.#blocks.values()) if (!votes.isCertified) await this.#complete(votes);
  }

  /** Asks for the blocks after the highest certified one; a full answer leads to the next question. */
  #ask(member: Address): void {
    const gap = this.#head - this.#certified;
    this.#wanted = undefined;
    if (gap <= 0n) return;
    const count = gap < BigInt(maxWanted) ? Number(gap) : maxWanted;
    const from = this.#certified + 1n;
    this.#wanted = { member, to: this.#certified + BigInt(count) };
    this.#send(member, { kind: "want", from, count });
  }

  #votesOf(number: L2BlockNumber): BlockVotes | undefined {
    if (number <= this.#lowest() || number > this.#head + window) return undefined;
    const known = this.#blocks.get(number);
    if (known) return known;
    const votes = new BlockVotes();
    this.#blocks.set(number, votes);
    if (this.#blocks.size > maxBlocks) this.#blocks.delete(this.#blocks.keys().next().value ?? number);
    return votes;
  }

  #lowest(): L2BlockNumber {
    return this.#certified > window ? this.#certified - window : 0n;
  }

  #forget(): void {
    const lowest = this.#lowest();
    for (const number of this.#blocks.keys()) if (number <= lowest) this.#blocks.delete(number);
  }

  #broadcast(message: AttestationMessage): void {
    this.#options.mesh?.broadcast(encodeAttestationMessage(message));
  }

  #send(to: Address, message: AttestationMessage): void {
    this.#options.mesh?.send(to, encodeAttestationMessage(message));
  }
}

const certificateMessage = ({ attestation, certificate }: CertifiedBlock): AttestationMessage => ({
  kind: "certificate",
  generation: attestation.generation,
  epoch: attestation.epoch,
  number: attestation.number,
  bitmap: certificate.bitmap,
  signatures: certificate.signatures,
});

const signedElsewhere = ({ generation, number }: BlockAttestation): CommitteeError =>
  new CommitteeError(
    "double-sign",
    "halt",
    `another process signed another block ${number} of generation ${generation} with this seat's key`,
    { generation, number },
  );
