import type { EmbeddedEngine, EngineView, EngineWatch } from "@metis/committee";
import { hasQuorum } from "@metis/protocol";
import type { L2BlockNumber } from "@metis/protocol";
import type { Clock, CounterMetric, GaugeMetric, Metrics } from "@metis/runtime";
import type { Address } from "viem";
import type { SignedBlock } from "../heads/records.ts";
import type { SilenceStatus } from "./handover/keeper.ts";
import { handoverPhases } from "./handover/phase.ts";
import type { PoolMesh } from "./poolMesh.ts";

export interface PoolMonitorOptions {
  readonly self: Address;
  /** Absent in a pool of one. */
  readonly mesh: PoolMesh | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** A block that the pool signed, as it was seen here. */
export interface SignedBlockView {
  readonly number: L2BlockNumber;
  readonly proposer: Address | undefined;
  /** Members whose signatures are in the certificate. */
  readonly signers: readonly Address[];
  readonly members: readonly Address[];
  readonly weight: bigint;
  readonly totalWeight: bigint;
}

/** Signed blocks that are remembered for `metis status`. */
const remembered = 100;

/** What an operator wants to know of the pool: who leads, who signs, who is away. Counts since the start of the process. */
export class PoolMonitor implements EngineWatch {
  readonly #options: PoolMonitorOptions;
  readonly #rounds: CounterMetric;
  readonly #missed: CounterMetric;
  readonly #unsigned: CounterMetric;
  readonly #equivocations: CounterMetric;
  readonly #certificateWeight: GaugeMetric;
  readonly #missedBy = new Map<Address, number>();
  readonly #blocks: SignedBlockView[] = [];
  #signedAt: number;
  #view: () => EngineView | undefined = () => undefined;
  #signingFailures: () => number = () => 0;
  #silence: () => SilenceStatus | undefined = () => undefined;

  constructor(options: PoolMonitorOptions) {
    const { metrics, clock, mesh } = options;
    this.#options = options;
    this.#signedAt = clock.monotonic();
    this.#rounds = metrics.counter("pool_rounds_failed_total", "Rounds that passed without a decision");
    this.#missed = metrics.counter("pool_turns_missed_total", "Turns that a member let pass", ["member"]);
    this.#unsigned = metrics.counter("pool_attestations_missing_total", "Certificates without a member's signature", [
      "member",
    ]);
    this.#equivocations = metrics.counter("pool_equivocations_total", "Members seen to sign two blocks of one number");
    this.#certificateWeight = metrics.gauge("pool_certificate_weight", "Part of the weight in the last certificate");
    metrics.observed("pool_leader", "1 while it is this seat's turn to propose", () => (this.#leads() ? 1 : 0));
    metrics.observed("pool_reachable_weight", "Part of the weight that this seat reaches, itself included", () =>
      part(this.#reachable(), weightOf(this.#view()?.members ?? [])),
    );
    metrics.observed(
      "pool_members_connected",
      "Members that this seat is linked with",
      () => mesh?.connected.length ?? 0,
    );
    metrics.observed("pool_handover_phase", "Silence on L1: 0 live, 1 leaking, 2 handover announced, 3 ready", () =>
      handoverPhases.indexOf(this.emergency?.phase ?? "live"),
    );
    metrics.observed("pool_signed_age_seconds", "Seconds since a block was signed by the pool", () => this.signedAge);
    metrics.observed(
      "pool_signing_failures",
      "Times that this seat failed to sign a block",
      () => this.signingFailures,
    );
    metrics.observed(
      "mesh_messages_dropped",
      "Messages not sent because a member was too slow",
      () => mesh?.dropped ?? 0,
    );
  }

  /** Says where the engine's view comes from. */
  watchEngine(engine: () => Pick<EmbeddedEngine, "view"> | undefined): void {
    this.#view = () => engine()?.view;
  }

  /** Says how often this seat failed to sign. */
  watchSigning(failures: () => number): void {
    this.#signingFailures = failures;
  }

  /** Says where the pool stands on L1 while no batch comes. */
  watchSilence(status: () => SilenceStatus | undefined): void {
    this.#silence = status;
  }

  round(): void {
    this.#rounds.inc();
  }

  decided(_height: bigint, _proposer: Address, passed: readonly Address[]): void {
    for (const member of passed) {
      this.#missed.inc(1, { member });
      this.#missedBy.set(member, (this.#missedBy.get(member) ?? 0) + 1);
    }
  }

  equivocated(): void {
    this.#equivocations.inc(1);
  }

  /** A certificate was stored. */
  certified({ attestation, certificate }: SignedBlock, proposer: Address | undefined): void {
    const { members, bitmap } = certificate;
    const isSigner = (_: unknown, index: number): boolean => ((bitmap >> BigInt(index)) & 1n) === 1n;
    const signed = members.filter(isSigner);
    const [weight, totalWeight] = [weightOf(signed), weightOf(members)];
    this.#certificateWeight.set(part(weight, totalWeight));
    for (const { signer } of members)
      if (!signed.some((member) => member.signer === signer)) this.#unsigned.inc(1, { member: signer });
    this.#signedAt = this.#options.clock.monotonic();
    const signers = signed.map(({ signer }) => signer);
    const all = members.map(({ signer }) => signer);
    this.#blocks.push({ number: attestation.number, proposer, signers, members: all, weight, totalWeight });
    if (this.#blocks.length > remembered) this.#blocks.shift();
  }

  /** Seconds since the last certificate. */
  get signedAge(): number {
    return (this.#options.clock.monotonic() - this.#signedAt) / 1000;
  }

  /** Why this seat signs nothing at present, or nothing. */
  get silence(): string | undefined {
    return this.#isMember() ? this.halted : "this seat's key is not in the pool's present set";
  }

  /** Why the pool can sign nothing at present, or nothing. Who is no member cannot tell: nobody needs to be linked with it. */
  get halted(): string | undefined {
    const members = this.#view()?.members;
    if (!members || !this.#isMember() || hasQuorum(this.#reachable(), weightOf(members))) return undefined;
    const away = members.filter(({ signer }) => !this.#reaches(signer)).map(({ signer }) => signer);
    return `the pool halts: more than two thirds of the weight must be there to sign, and ${away.join(", ")} cannot be reached`;
  }

  /** The pool's silence as L1 counts it; nothing while batches come. */
  get emergency(): SilenceStatus | undefined {
    return this.#silence();
  }

  get engine(): EngineView | undefined {
    return this.#view();
  }

  get blocks(): readonly SignedBlockView[] {
    return this.#blocks;
  }

  get signingFailures(): number {
    return this.#signingFailures();
  }

  missedBy(member: Address): number {
    return this.#missedBy.get(member) ?? 0;
  }

  isConnected(member: Address): boolean {
    return this.#reaches(member);
  }

  #leads(): boolean {
    return this.#options.mesh === undefined || this.#view()?.proposer === this.#options.self;
  }

  #isMember(): boolean {
    const members = this.#view()?.members;
    return members === undefined || members.some(({ signer }) => signer === this.#options.self);
  }

  #reaches(member: Address): boolean {
    return member === this.#options.self || (this.#options.mesh?.connected.includes(member) ?? false);
  }

  #reachable(): bigint {
    return weightOf(this.#view()?.members.filter(({ signer }) => this.#reaches(signer)) ?? []);
  }
}

const weightOf = (members: readonly { readonly weight: bigint }[]): bigint =>
  members.reduce((sum, { weight }) => sum + weight, 0n);
/** 1 where nothing is counted: a pool of one. */
const part = (weight: bigint, total: bigint): number => (total > 0n ? Number((weight * 10_000n) / total) / 10_000 : 1);
