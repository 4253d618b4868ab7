import { holdsSeat } from "@metis/committee";
import type { Mesh, Signer } from "@metis/committee";
import { DecodeError, stateClaimDigest, zeroHash } from "@metis/protocol";
import type { Certificate, DataHeader, Generation, Hash, SigningDomain, StateClaim } from "@metis/protocol";
import { RunningLoop } from "@metis/runtime";
import type { Clock, CounterMetric, Health, Logger, Metrics, Service } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { ChainHeads } from "../heads/heads.ts";
import type { CutBatch, DerivedBatch } from "../heads/records.ts";
import type { ChainStore } from "../heads/store.ts";
import { whenL1Answers } from "../l1/errors.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import type { BatchAssembler } from "./assemble.ts";
import { claimOfDerived, cutBatch, parentOf } from "./cut.ts";
import type { BatchDraft } from "./cut.ts";
import { decodeBatchMessage, encodeBatchMessage } from "./messages.ts";
import type { BatchRequest } from "./messages.ts";
import { reviewClaim } from "./review.ts";
import type { Refusal } from "./review.ts";
import { ClaimVotes } from "./votes.ts";

/** Milliseconds between two times of asking for the same signatures. */
const askAgainMs = 2_000;
/** Variants of one batch that are looked at for one member. */
const maxVariants = 8;
/** Milliseconds until a request that came too early is looked at again, when nothing else happens. */
const retryMs = 1_000;

export interface CosignerOptions {
  readonly domain: SigningDomain;
  readonly signer: Signer;
  readonly sets: Pick<EpochSets, "of">;
  readonly assembler: Pick<BatchAssembler, "own" | "review">;
  readonly chain: Pick<ChainStore, "lastDerived" | "derived" | "derivedOf" | "cut" | "putCut">;
  readonly heads: Pick<ChainHeads, "heads" | "subscribe">;
  readonly status: Pick<SigningStatus, "state">;
  /** Channel 3; absent in a pool of one. */
  readonly mesh: Mesh | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Signatures under batches and claims (docs/spec/pool.md, "Batches"): asks the members for theirs, and signs what it has rebuilt
 * itself. A batch with enough of them is stored here, whoever built it.
 */
export class BatchCosigner implements Service {
  readonly name = "cosigner";
  readonly #options: CosignerOptions;
  readonly #loop: RunningLoop;
  readonly #votes = new ClaimVotes();
  /** Batches this member agrees with, by digest of their claim. */
  readonly #drafts = new Map<Hash, BatchDraft>();
  readonly #signatures = new Map<Hash, Hex>();
  readonly #asked = new Map<Hash, number>();
  /** What each member asked last, until it is answered. */
  readonly #batches = new Map<Address, BatchRequest>();
  readonly #claims = new Map<Address, StateClaim>();
  readonly #variants = new Map<Address, number>();
  readonly #garbled = new Set<Address>();
  readonly #listeners = new Set<() => void>();
  readonly #outcomes: CounterMetric;
  #settled = -1n;
  #release: (() => void)[] = [];

  constructor(options: CosignerOptions) {
    this.#options = options;
    const { clock, logger, metrics } = options;
    this.#outcomes = metrics.counter("batch_requests", "Requests of members to sign a batch or a claim", ["outcome"]);
    const pass = whenL1Answers((signal) => this.#pass(signal));
    this.#loop = new RunningLoop({ name: this.name, clock, logger, intervalMs: retryMs, pass });
  }

  async start(): Promise<void> {
    const { mesh, heads } = this.#options;
    if (!mesh) return;
    this.#release = [
      mesh.receive((from, message) => this.#receive(from, message)),
      heads.subscribe(() => this.#loop.wake()),
    ];
    await this.#loop.start();
  }

  async stop(): Promise<void> {
    for (const release of this.#release) release();
    if (this.#options.mesh) await this.#loop.stop();
  }

  health(): Health {
    return this.#options.mesh ? this.#loop.health() : { status: "ok" };
  }

  /** Calls back when a batch or claim that this member agrees with has got more signatures. Returns what ends it. */
  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Signs `draft` and asks the others to; the batch once it is certified. To be called again until then. */
  async certify(draft: BatchDraft): Promise<CutBatch | undefined> {
    const { header, claim, payload } = draft;
    const digest = await this.#agree(header, claim);
    this.#drafts.set(digest, draft);
    await this.#store();
    const stored = this.#certified(header.batchIndex, header.parentHash);
    if (!stored)
      this.#ask(header.batchIndex, digest, () => encodeBatchMessage({ kind: "batch", header, claim, payload }));
    return stored;
  }

  /** The same for the claim of a batch that is on L1 without one. */
  async certifyClaim(batch: DerivedBatch, claim: StateClaim): Promise<Certificate | undefined> {
    const digest = await this.#agree(batch.header, claim);
    const certificate = this.#votes.certificate(digest);
    if (!certificate) this.#ask(batch.header.batchIndex, digest, () => encodeBatchMessage({ kind: "claim", claim }));
    return certificate;
  }

  /** Puts this member's signature under a claim that it has found right, if it has a seat in the epoch. Returns the digest. */
  async #agree({ batchIndex, epoch, generation }: DataHeader, claim: StateClaim): Promise<Hash> {
    const { domain, sets, signer } = this.#options;
    const digest = stateClaimDigest(domain, claim);
    const set = await sets.of(epoch, generation);
    this.#votes.open(digest, batchIndex, set);
    if (this.#signatures.has(digest) || !holdsSeat(set, signer.address)) return digest;
    const signature = await signer.sign(digest, { type: "STATE_CLAIM", claim });
    this.#votes.add(signer.address, digest, signature);
    this.#signatures.set(digest, signature);
    return digest;
  }

  /** Asks for signatures, the own one beside it: whoever gathers enough of them may be the one that posts. */
  #ask(batchIndex: bigint, digest: Hash, message: () => Uint8Array): void {
    const { mesh, clock } = this.#options;
    const now = clock.monotonic();
    if (now - (this.#asked.get(digest) ?? -askAgainMs) < askAgainMs) return;
    this.#asked.set(digest, now);
    mesh?.broadcast(message());
    this.#tell(batchIndex, digest);
  }

  #receive(from: Address, bytes: Uint8Array): void {
    try {
      const message = decodeBatchMessage(bytes);
      if (message.kind === "batch") this.#batches.set(from, message);
      else if (message.kind === "claim") this.#claims.set(from, message.claim);
      else this.#votes.add(from, message.digest, message.signature);
      this.#loop.wake();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (!this.#garbled.has(from))
        this.#options.logger.warn("a member's message about a batch is malformed", { from, error });
      this.#garbled.add(from);
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    this.#forget();
    for (const [from, request] of this.#batches) {
      if (signal.aborted) return;
      const outcome = await this.#answerBatch(from, request);
      if (outcome !== "later" && this.#batches.get(from) === request) this.#batches.delete(from);
    }
    for (const [from, claim] of this.#claims) {
      const outcome = await this.#answerClaim(from, claim);
      if (outcome !== "later" && this.#claims.get(from) === claim) this.#claims.delete(from);
    }
    await this.#store();
    for (const listener of this.#listeners) listener();
  }

  /** What is on L1 needs no more signatures of its batch; claims of batches there are kept for a while. */
  #forget(): void {
    const index = this.#options.chain.lastDerived()?.header.batchIndex ?? 0n;
    if (index === this.#settled) return;
    this.#settled = index;
    this.#variants.clear();
    for (const [digest, { header }] of this.#drafts) if (header.batchIndex <= index) this.#drop(digest);
    for (const digest of this.#votes.settle(index - keptClaims)) this.#drop(digest);
  }

  #drop(digest: Hash): void {
    this.#drafts.delete(digest);
    this.#signatures.delete(digest);
    this.#asked.delete(digest);
  }

  async #answerBatch(from: Address, request: BatchRequest): Promise<"later" | "done"> {
    const { chain, assembler, heads, status, domain } = this.#options;
    const last = chain.lastDerived();
    const { header, claim } = request;
    if (!last || !status.state().may || header.batchIndex > last.header.batchIndex + 1n) return "later";
    if (header.batchIndex <= last.header.batchIndex) return this.#count("stale");
    const digest = stateClaimDigest(domain, claim);
    if (!this.#drafts.has(digest)) {
      const own = await assembler.own(parentOf(last), heads.heads().signed.number);
      if (!own) return "later";
      const variants = (this.#variants.get(from) ?? 0) + 1;
      if (variants > maxVariants) return this.#count("too-many");
      this.#variants.set(from, variants);
      const reviewed = await assembler.review(own, request);
      if ("reason" in reviewed) return this.#refused(from, header.batchIndex, reviewed);
      await this.#agree(header, claim);
      this.#drafts.set(digest, reviewed);
      this.#count("signed");
    }
    this.#tell(header.batchIndex, digest);
    return "done";
  }

  async #answerClaim(from: Address, claim: StateClaim): Promise<"later" | "done"> {
    const { chain, status } = this.#options;
    if (!status.state().may) return "later";
    const batch = chain.derivedOf(claim.firstBlock);
    // Derived later here than there; who asks asks again.
    if (batch?.batchHash !== claim.batchHash) return "done";
    const refusal = reviewClaim(ownClaim(chain, batch), claim);
    if (refusal) return this.#refused(from, batch.header.batchIndex, refusal);
    const digest = await this.#agree(batch.header, claim);
    this.#tell(batch.header.batchIndex, digest);
    return this.#count("signed");
  }

  #tell(batchIndex: bigint, digest: Hash): void {
    const signature = this.#signatures.get(digest);
    if (signature === undefined) return;
    this.#options.mesh?.broadcast(encodeBatchMessage({ kind: "signature", batchIndex, digest, signature }));
  }

  #refused(from: Address, batchIndex: bigint, { reason, detail }: Refusal): "done" {
    this.#options.logger.warn("a member's batch is not signed", { from, batchIndex, reason, detail });
    return this.#count(reason);
  }

  #count(outcome: string): "done" {
    this.#outcomes.inc(1, { outcome });
    return "done";
  }

  /** Keeps the first certified batch on a parent: this member may be the one that posts it. */
  async #store(): Promise<void> {
    for (const [digest, draft] of this.#drafts) {
      const { batchIndex, parentHash } = draft.header;
      const certificate = this.#votes.certificate(digest);
      // A handover makes what was signed in the generation before it worthless.
      const isOver = draft.header.generation !== this.#generation();
      if (!certificate || isOver || this.#certified(batchIndex, parentHash)) continue;
      await this.#options.chain.putCut(cutBatch(draft, certificate));
    }
  }

  #certified(batchIndex: bigint, parentHash: Hash): CutBatch | undefined {
    const stored = this.#options.chain.cut(batchIndex);
    return stored?.header.parentHash === parentHash && stored.header.generation === this.#generation()
      ? stored
      : undefined;
  }

  /** In which this member signs; nothing while it may not. */
  #generation(): Generation | undefined {
    const state = this.#options.status.state();
    return state.may ? state.generation : undefined;
  }
}

/** Batches below the last derived one whose claims may still be asked for. */
const keptClaims = 64n;

/** The claim of a derived batch by this node's own execution. */
export function ownClaim(chain: Pick<ChainStore, "derived">, batch: DerivedBatch): StateClaim {
  const before = chain.derived(batch.header.batchIndex - 1n);
  return claimOfDerived(batch, before?.outputRoots.at(-1) ?? zeroHash);
}
