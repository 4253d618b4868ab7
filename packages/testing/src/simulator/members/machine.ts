import { EvidenceStore, ProtectionStore } from "@metis/committee";
import type { CertifiedBlock, ConsensusApplication, Equivocation } from "@metis/committee";
import { remedyOf } from "@metis/protocol";
import type { Generation } from "@metis/protocol";
import type { Clock, Logger } from "@metis/runtime";
import type { Address } from "viem";
import { processClock } from "./clock.ts";
import type { ModelChain } from "./chain.ts";
import { Disk } from "./disk.ts";
import { placeOf } from "./judge.ts";
import type { Judge } from "./judge.ts";
import type { Keyring } from "./keys.ts";
import type { SimulatedL1 } from "./l1.ts";
import { Member } from "./member.ts";
import type { SimulatedNetwork, Station } from "./network.ts";
import type { Machine as Cast } from "./scenario.ts";
import type { SimulatedSlashing } from "./slashing.ts";
import { viciousApplication, viciousMesh } from "./vices.ts";

/** What all machines of a simulation share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly network: SimulatedNetwork;
  readonly l1: SimulatedL1;
  readonly slashing: SimulatedSlashing;
  readonly keyring: Keyring;
  readonly judge: Judge;
  readonly logger: Logger;
  readonly random: () => number;
  /** Whether honest members make no blocks any more. */
  readonly isQuiet: () => boolean;
  /** Everybody who may be sent something. */
  readonly addresses: () => readonly Address[];
  readonly certified: (block: CertifiedBlock, chain: ModelChain) => void;
}

interface Life {
  readonly station: Station;
  readonly member: Member;
  readonly since: number;
}

const lookMs = 250;

/** A machine with one seat: its disk stays, its processes come and go. */
export class Machine {
  readonly name: string;
  readonly cast: Cast;
  readonly disk: Disk;
  /** The side of a partition that it is on. */
  side = 0;
  readonly #around: Surroundings;
  #life: Life | undefined;
  #alive: { yes: boolean } = { yes: false };
  #epoch = 0;
  #isGone = false;

  constructor(name: string, cast: Cast, around: Surroundings) {
    this.name = name;
    this.cast = cast;
    this.#around = around;
    this.disk = new Disk(around.clock, around.random);
  }

  /** Whether it is lost for ever. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get isHonest(): boolean {
    return this.cast.vice === undefined;
  }

  get member(): Member | undefined {
    return this.#life?.member;
  }

  /** The process that runs now, and since when. */
  get life(): Life | undefined {
    return this.#life;
  }

  /** Every piece of evidence that lies on the disk. */
  get evidence(): readonly Equivocation[] {
    return [...new EvidenceStore(this.disk.content).entries()];
  }

  start(): void {
    if (this.#life || this.#isGone) return;
    const { clock: shared, network, l1, keyring, judge, logger, random, addresses, certified } = this.#around;
    const { keys, vice, skewMs, l1LagMs } = this.cast;
    const alive = { yes: true };
    this.#alive = alive;
    const isAlive = (): boolean => alive.yes;
    const keyName = keys[this.#epoch] ?? keys.at(-1)!;
    const address = keyring.address(keyName);
    const generation = (): number => this.member?.status.generation ?? 0;
    const records = new ProtectionStore(this.disk.content, address);
    const station: Station = {
      address,
      side: () => this.side,
      isAlive,
      generation,
      hasRecord: (attestation, digest) =>
        [...records.entries()].some((record) => record.digest === digest && placeOf(record) === placeOf(attestation)),
    };
    const clock = processClock(shared, skewMs, isAlive);
    const others = (): readonly Address[] => addresses().filter((other) => other !== address);
    const viceOptions = { vice, keyName, keyring, random, others, setOf: l1.setOf.bind(l1) };
    const member = new Member({
      keyName,
      keyring,
      clock,
      store: this.disk.mount({ isAlive, die: () => this.crash() }),
      mesh: viciousMesh(network.join(station), viceOptions),
      isReachable: (other) => network.reaches(station, other),
      l1: l1.seenFrom(clock, l1LagMs),
      logger: logger.child({ member: this.name }),
      wrap: (application, its) => viciousApplication(this.#judged(application, its), viceOptions),
      certified: (block, chain) => {
        if (!this.isHonest) return;
        judge.certified(block, chain);
        certified(block, chain);
      },
      contradicted: (message) => this.#accuse(message),
      equivocated: (found) => this.#report(found),
      forget: () => judge.forget(station),
    });
    this.#life = { station, member, since: shared.monotonic() };
    for (const found of this.evidence) this.#report(found);
    member.start().catch((error: unknown) => this.#ended(alive, error));
    this.#lookLater(clock, member);
  }

  /** Nobody sees it again. */
  lose(): void {
    this.#isGone = true;
    this.crash(0);
  }

  /** The process ends where it is; what it wrote stays. It comes back after `downMs`. */
  crash(downMs = 5 + 400 * this.#around.random()): void {
    if (!this.#life) return;
    this.#alive.yes = false;
    this.#around.network.leave(this.#life.station);
    this.#life = undefined;
    this.#around.clock.after(downMs, () => this.start());
  }

  /** Brings evidence to L1, as a node does with all that lies on its disk. */
  #report(found: Equivocation): void {
    const refusal = this.isHonest ? this.#around.slashing.report(found) : undefined;
    if (refusal !== undefined) this.#accuse(`L1 refuses its evidence against ${found.signer}: ${refusal}`);
  }

  #accuse(message: string): void {
    if (this.isHonest) this.#around.judge.accuse(`${this.name}: ${message}`);
  }

  /** What an operator's supervisor does: a process that could not start is started again. */
  #ended(alive: { yes: boolean }, error: unknown): void {
    if (!alive.yes) return;
    if (remedyOf(error) === "halt" && !isDiskFull(error)) this.#accuse(`could not start: ${String(error)}`);
    this.crash(500);
  }

  #lookLater(clock: Clock, member: Member): void {
    clock.after(lookMs, () => {
      void this.#look(member).catch((error: unknown) => {
        if (!isDiskFull(error) && remedyOf(error) === "halt") this.#accuse(`cannot follow L1: ${String(error)}`);
      });
      this.#lookLater(clock, member);
    });
  }

  async #look(member: Member): Promise<void> {
    const health = member.engine.health();
    if (health.status === "failed") this.#accuse(`its engine stopped: ${health.detail}`);
    await member.look();
    this.#changeKey(member);
  }

  /**
   * An operator changes the key once the engine's set has the new one, or neither, and the last batch of the epochs with the old
   * one is on L1: before that the pool may still need the old one, and a raise of the generation may lead back to them. The
   * process starts anew with it.
   */
  #changeKey(member: Member): void {
    const { keys } = this.cast;
    const epoch = Math.min(Number(member.settledEpoch), keys.length - 1);
    const signers = member.engine.engine?.view.members.map(({ signer }) => signer);
    if (epoch <= this.#epoch || !signers) return;
    const changes = keys[epoch] !== keys[this.#epoch];
    if (changes && signers.includes(member.address)) return;
    this.#epoch = epoch;
    if (changes && this.member === member) this.crash(50);
  }

  /** An engine that L1 went past may still decide; what it does counts in its own `generation`. */
  #judged(application: ConsensusApplication, generation: Generation): ConsensusApplication {
    if (!this.isHonest) return application;
    const { judge, isQuiet } = this.#around;
    return {
      isDue: async (request) => !isQuiet() && ((await application.isDue?.(request)) ?? true),
      prepareProposal: async (request) => (isQuiet() ? undefined : application.prepareProposal(request)),
      processProposal: (request) => application.processProposal(request),
      membersOf: async (proposal) => application.membersOf?.(proposal),
      finalizeBlock: async (request) => {
        const member = this.member!;
        judge.decided(request, generation, member.chain);
        const result = await application.finalizeBlock(request);
        judge.committed(member.chain);
        return result;
      },
    };
  }
}

const isDiskFull = (error: unknown): boolean => error instanceof Error && error.message === "the disk is full";
