import { MeshChannel } from "@metis/committee";
import type { CertifiedBlock, Equivocation } from "@metis/committee";
import { BlockFlag, epochOf, zeroAddress } from "@metis/protocol";
import type { BlockInputs } from "@metis/protocol";
import { silentLogger } from "@metis/runtime";
import type { Logger } from "@metis/runtime";
import { seededRandom } from "../schedule.ts";
import { ModelChain, modelHash } from "./chain.ts";
import { SimulatedClock } from "./clock.ts";
import { soundDisk } from "./disk.ts";
import { endsBatch, Judge, placeOf } from "./judge.ts";
import type { Keyring } from "./keys.ts";
import { hashKeyring } from "./keys.ts";
import { beginning, SimulatedL1, simulatedConfig as config } from "./l1.ts";
import { Machine } from "./machine.ts";
import { SimulatedNetwork, soundNetwork } from "./network.ts";
import { scenarioOf } from "./scenario.ts";
import { SimulatedSlashing } from "./slashing.ts";
import type { Forced, Loss, Scenario } from "./scenario.ts";

/** What a run showed. `violations` is empty in a correct pool. */
export interface SimulationReport {
  readonly seed: number;
  readonly members: number;
  readonly violations: readonly string[];
  /** Highest block that every honest member has a certificate for, or for one above it. */
  readonly signed: number;
  readonly certificates: number;
  readonly crashes: number;
  /** Simulated milliseconds. */
  readonly time: number;
  readonly batches: number;
  readonly generations: number;
  /** Equivocations that some honest member holds evidence of. */
  readonly evidence: number;
  /** Seats that L1 slashed for it. */
  readonly slashed: number;
}

const stepMs = 250;
/** Members that miss something ask every half second, one member after the other. */
const quietMs = 6000;
/** A pool that heals must go on within so many simulated milliseconds. */
const patienceMs = 90_000;
/** What a process took may be worth evidence only when it lived on for so long. */
const evidenceMs = 1000;

/** A whole pool in this process, on one clock and one seed: real members on simulated machines, network and L1. */
export class PoolSimulation {
  readonly clock = new SimulatedClock(beginning);
  readonly scenario: Scenario;
  readonly l1: SimulatedL1;
  readonly slashing: SimulatedSlashing;
  readonly judge: Judge;
  readonly network: SimulatedNetwork;
  readonly machines: readonly Machine[];
  readonly #random: () => number;
  readonly #keyring: Keyring;
  #crashes = 0;
  #healed = false;
  #isQuiet = false;

  constructor(scenario: Scenario, keyring: Keyring = hashKeyring(), logger: Logger = silentLogger()) {
    this.scenario = scenario;
    this.#keyring = keyring;
    this.#random = seededRandom(scenario.seed);
    this.l1 = new SimulatedL1(this.clock, scenario.sets);
    this.slashing = new SimulatedSlashing({
      keyring,
      seats: scenario.machines.map(({ keys }) => keys.map((key) => keyring.address(key))),
      slash: (keys) => this.l1.slash(keys),
    });
    const honest = new Set(
      scenario.machines.flatMap(({ vice, keys }) =>
        vice === undefined ? keys.map((key) => keyring.address(key)) : [],
      ),
    );
    this.judge = new Judge({ l1: this.l1, keyring, isHonest: (signer) => honest.has(signer) }, () =>
      this.clock.monotonic(),
    );
    this.network = new SimulatedNetwork(this.clock, this.#random, this.judge);
    const around = {
      clock: this.clock,
      network: this.network,
      l1: this.l1,
      slashing: this.slashing,
      keyring,
      judge: this.judge,
      logger,
      random: this.#random,
      addresses: () =>
        [...new Set(this.machines.map(({ member }) => member?.address))].filter((some) => some !== undefined),
      isQuiet: () => this.#isQuiet,
      certified: (block: CertifiedBlock, chain: ModelChain) => this.#post(block, chain),
    };
    this.machines = scenario.machines.flatMap((cast, index) =>
      (cast.vice === "twins" ? [`${index}a`, `${index}b`] : [`${index}`]).map(
        (name) => new Machine(name, cast, around),
      ),
    );
  }

  /** Runs until everybody has gone on after the faults, or something is wrong. */
  async run(): Promise<SimulationReport> {
    const { network, disk, healAt, crashEvery, partitionEvery, raiseAt, powerCutAt, goal, loss } = this.scenario;
    this.network.faults = network;
    for (const machine of this.machines) {
      machine.disk.faults = disk;
      machine.start();
    }
    this.#randomly(crashEvery, () => this.#crash());
    this.#randomly(partitionEvery, () => this.#partition());
    if (raiseAt > 0) this.clock.after(raiseAt, () => this.#raise());
    if (powerCutAt > 0) this.clock.after(powerCutAt, () => this.#cutPower());
    if (loss) this.#lose(loss);
    await this.#until(healAt, () => false);
    this.#heal();
    const target = this.#highest() + BigInt(goal);
    const wentOn = await this.#until(patienceMs, () => this.#lowest() >= target && this.#isLevel());
    if (!wentOn && this.judge.violations.length === 0)
      this.judge.accuse(`the pool stands still: ${this.#standing()}, wanted ${target}`);
    await this.clock.advance(evidenceMs);
    this.#checkEvidence();
    this.#checkPin();
    if (this.machines.every(({ cast }) => cast.vice === undefined || cast.vice === "silent")) await this.#checkLast();
    return this.#report();
  }

  /** No block follows the last ones, and their signatures get lost: members must ask until they have the certificates. */
  async #checkLast(): Promise<void> {
    this.network.faults = { ...soundNetwork, lostChannel: MeshChannel.attestations };
    await this.clock.advance(1500);
    this.#isQuiet = true;
    await this.clock.advance(1500);
    this.network.faults = soundNetwork;
    const isDone = (): boolean =>
      this.#honest().every(({ member }) => member !== undefined && member.signed === member.chain.head().number);
    await this.#until(quietMs, isDone);
    await this.clock.advance(quietMs);
    if (!isDone()) this.judge.accuse(`blocks stay without a certificate: ${this.#standing()}`);
  }

  async #until(limit: number, done: () => boolean): Promise<boolean> {
    const end = this.clock.monotonic() + limit;
    while (this.clock.monotonic() < end && !done() && this.judge.violations.length === 0)
      await this.clock.advance(stepMs);
    return done();
  }

  #honest(): readonly Machine[] {
    return this.machines.filter(({ isHonest, isGone }) => isHonest && !isGone);
  }

  #highest(): bigint {
    return this.#honest().reduce((most, { member }) => (member && member.signed > most ? member.signed : most), 0n);
  }

  #lowest(): bigint {
    return this.#honest()
      .map(({ member }) => member?.signed ?? 0n)
      .reduce((a, b) => (a < b ? a : b));
  }

  /** L1 alone leads nobody on: every honest engine keeps up, too. */
  #isLevel(): boolean {
    const heights = this.#honest().map(({ member }) => Number(member?.engine.height ?? 0n));
    return Math.max(...heights) - Math.min(...heights) <= 3;
  }

  #standing(): string {
    return this.machines
      .map(({ name, member, cast }) => {
        const vice = cast.vice ? ` (${cast.vice})` : "";
        return `${name}${vice} signed ${member?.signed} head ${member?.chain.head().number} height ${member?.engine.height}`;
      })
      .join("; ");
  }

  #randomly(mean: number, happen: () => void): void {
    if (mean === 0) return;
    this.clock.after(2 * mean * this.#random(), () => {
      if (this.#healed) return;
      happen();
      this.#randomly(mean, happen);
    });
  }

  #crash(): void {
    const victim = this.machines[Math.floor(this.#random() * this.machines.length)]!;
    this.#crashes++;
    victim.crash(5 + 3000 * this.#random() ** 3);
  }

  #cutPower(): void {
    this.#crashes += this.machines.length;
    for (const machine of this.machines) machine.crash(100 + 500 * this.#random());
  }

  #partition(): void {
    for (const machine of this.machines) machine.side = this.#random() < 0.5 ? 0 : 1;
    this.network.isPartitioned = true;
    this.clock.after(200 + 3000 * this.#random(), () => (this.network.isPartitioned = false));
  }

  /** Some are lost for ever; L1 hands the pool over to the others, on the highest certified block that it was shown. */
  #lose({ at, gone, handoverAt, pinsHighest }: Loss): void {
    this.clock.after(at, () => gone.forEach((index) => this.machines[index]!.lose()));
    this.clock.after(handoverAt, () => {
      const known = this.#honest().flatMap(({ member }) => member?.chain.block(member.signed) ?? []);
      const shown = pinsHighest ? known : known.slice(0, 1);
      const pin = shown.find(({ number }) => shown.every((other) => other.number <= number));
      const isPin =
        pin !== undefined &&
        pin.number > (this.l1.batches.at(-1)?.lastBlock ?? 0n) &&
        pin.inputs.generation === this.l1.generation;
      const keys = this.#honest().map(({ cast }) => this.#keyring.address(cast.keys[0]!));
      this.l1.handOver(keys, isPin ? { number: pin.number, hash: pin.hash } : undefined);
    });
  }

  /** What was pinned stays, unless an escape came after it. */
  #checkPin(): void {
    const { pin, generation } = this.l1.handovers.at(-1) ?? {};
    if (!pin || generation !== this.l1.generation) return;
    for (const { name, member } of this.#honest())
      if (member && member.chain.block(pin.number)?.hash !== pin.hash)
        this.judge.accuse(`${name} does not hold the pinned block ${pin.number}`);
  }

  #heal(): void {
    this.#healed = true;
    this.network.faults = soundNetwork;
    this.network.isPartitioned = false;
    for (const machine of this.machines) machine.disk.faults = soundDisk;
  }

  /** L1 takes the batches that a certificate covers, as an honest member holds them. */
  #post({ attestation }: CertifiedBlock, chain: ModelChain): void {
    const { batches } = this.l1;
    const { generation } = attestation;
    if (generation !== this.l1.generation) return;
    let first = (batches.at(-1)?.lastBlock ?? 0n) + 1n;
    for (let number = first; number <= attestation.number; number++) {
      const block = chain.block(number);
      if (!block || block.inputs.generation > generation) return;
      if (!endsBatch(block.inputs)) continue;
      this.#append(generation, chain.inputs(first, number), block.hash);
      first = number + 1n;
    }
  }

  #append(generation: number, blocks: readonly BlockInputs[], lastHash: `0x${string}`): void {
    const { batches } = this.l1;
    const parent = batches.at(-1)?.blocks.at(-1)?.anchorNumber ?? config.genesisAnchorNumber;
    batches.push({
      generation,
      epoch: epochOf(config, parent),
      l1Block: this.l1.head() + 1n,
      blocks,
      lastBlock: blocks.at(-1)!.number,
      lastHash,
    });
  }

  /** Somebody escapes: a block that L1 made itself follows the last batch, in the next generation. */
  #raise(): void {
    const last = this.l1.batches.at(-1);
    const parent = last?.blocks.at(-1);
    if (!last || !parent) return void this.clock.after(1000, () => this.#raise());
    const anchor = this.l1.block(parent.anchorNumber);
    const inputs: BlockInputs = {
      ...parent,
      number: parent.number + 1n,
      time: parent.time + 1n,
      generation: this.l1.generation + 1,
      flags: BlockFlag.batchEnd,
      proposer: zeroAddress,
      anchorHash: anchor.hash,
      rate: 0n,
      attendance: "0x",
      transactions: [],
    };
    this.#append(
      inputs.generation,
      [inputs],
      modelHash(
        this.l1.batches.flatMap(({ blocks }) => blocks),
        inputs,
      ),
    );
  }

  /** What one honest process could see twice must lie on a disk; nobody honest may ever be in it. */
  #checkEvidence(): void {
    const found = this.#placesOfEvidence();
    const vicious = new Set(
      this.machines.flatMap(({ isHonest, member }) => (isHonest || !member ? [] : [member.address])),
    );
    for (const { evidence } of this.#honest())
      for (const pair of evidence)
        if (!vicious.has(pair.signer))
          this.judge.accuse(`there is evidence against an honest member: ${placeIn(pair)}`);
    for (const { by, place, at } of this.judge.seenTwice) {
      const life = this.machines.find(({ life: its }) => its?.station === by)?.life;
      if (life && at < this.clock.monotonic() - evidenceMs && !found.has(place))
        this.judge.accuse(`nobody kept the evidence of ${place}`);
    }
  }

  #placesOfEvidence(): ReadonlySet<string> {
    return new Set(this.#honest().flatMap(({ evidence }) => evidence.map(placeIn)));
  }

  #report(): SimulationReport {
    const { seed, members } = this.scenario;
    return {
      seed,
      members,
      violations: this.judge.violations,
      signed: Number(this.#lowest()),
      certificates: this.judge.certificates,
      crashes: this.#crashes,
      time: Math.round(this.clock.monotonic()),
      batches: this.l1.batches.length,
      generations: (this.l1.batches.at(-1)?.generation ?? 0) + 1,
      evidence: this.#placesOfEvidence().size,
      slashed: this.slashing.slashed,
    };
  }
}

const placeIn = ({ signer, first }: Equivocation): string => `${signer}/${placeOf(first.attestation)}`;

/** Runs one seed. */
export function simulate(
  seed: number,
  members: number,
  options: Forced & { readonly keyring?: Keyring; readonly logger?: Logger } = {},
) {
  const keyring = options.keyring ?? hashKeyring();
  return new PoolSimulation(scenarioOf(seed, members, keyring, options), keyring, options.logger).run();
}
