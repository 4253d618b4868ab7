import { BftCore } from "@metis/committee";
import type { BftEvent, BftInput, BftSet, QuorumForm, TimeoutKind } from "@metis/committee";
import { createHash } from "node:crypto";
import type { Address, Hex } from "viem";
import { Schedule, seededRandom } from "./schedule.ts";

/** What a run does to its pool. Probabilities per message; times in virtual milliseconds. */
export interface PoolFaults {
  readonly seed: number;
  readonly members: number;
  /** Heights every living honest member must decide. */
  readonly heights: number;
  readonly drop?: number;
  readonly duplicate?: number;
  readonly maxDelay?: number;
  /** Mean time between crashes of random members; each comes back after 5 to 65 ms with its log. */
  readonly crashEvery?: number;
  /** Mean time between partitions into two random halves, each healing after 100 to 600 ms. */
  readonly partitionEvery?: number;
  /** Members that never speak. */
  readonly silent?: number;
  /** Members that run twice with one key and no memory of what the other half signed. */
  readonly twins?: number;
  /** Mutation for the test of the test: forget the log at a crash. */
  readonly forgetLog?: boolean;
}

export interface PoolReport {
  readonly decided: number;
  readonly virtualTime: number;
  readonly steps: number;
  readonly crashes: number;
  readonly maxRound: number;
  /** Empty in a correct run: two values for one height, an honest double vote, or no end. */
  readonly violations: readonly string[];
}

const timeouts: Record<TimeoutKind, number> = {
  propose: 300,
  prevote: 150,
  precommit: 150,
  rebroadcast: 1000,
  finalizeHeight: 1,
};
const domain: Hex = `0x${"5a".repeat(32)}`;
const mostEvents = 2_000_000;
const hash = (...parts: readonly string[]): string => createHash("sha256").update(parts.join("/")).digest("hex");
const addressOf = (index: number): Address => `0x${(index + 1).toString(16).padStart(40, "0")}`;

/** Keyed hash instead of a curve: a simulation signs millions of times, and forgery is not what it is about. */
const sign = (signer: Address, digest: Hex): Hex => {
  const half = hash(signer, digest);
  return `0x${half}${half}1b`;
};

interface Member {
  readonly name: string;
  readonly address: Address;
  readonly honest: boolean;
  core: BftCore;
  height: number;
  /** Counts restarts, so that timers of an earlier life do nothing. */
  life: number;
  down: boolean;
  side: number;
  log: BftInput[];
}

/** A pool of real consensus cores under one virtual clock and one seed. `run` ends when all are done or nothing moves. */
export class BftPool {
  readonly #faults: PoolFaults;
  readonly #schedule = new Schedule();
  readonly #random: () => number;
  readonly #set: BftSet;
  readonly #members: Member[] = [];
  readonly #decided = new Map<number, QuorumForm>();
  readonly #votes = new Map<string, Hex | null>();
  readonly #violations: string[] = [];
  #steps = 0;
  #crashes = 0;
  #maxRound = 0;
  #partitioned = false;

  constructor(faults: PoolFaults) {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed);
    const indexes = Array.from({ length: faults.members }, (_, index) => index);
    this.#set = { members: indexes.map((index) => ({ address: addressOf(index), weight: 10 })), order: indexes };
    const byzantine = (faults.silent ?? 0) + (faults.twins ?? 0);
    for (const index of indexes) {
      const twin = index < (faults.twins ?? 0);
      if (!twin && index < byzantine) continue;
      for (const name of twin ? [`${index}a`, `${index}b`] : [`${index}`]) this.#join(name, addressOf(index), !twin);
    }
  }

  run(): PoolReport {
    for (const member of this.#members) this.#schedule.at(0, () => this.#start(member, 1, false));
    this.#every(50, () => this.#syncAll());
    if (this.#faults.crashEvery) this.#randomly(this.#faults.crashEvery, () => this.#crash());
    if (this.#faults.partitionEvery) this.#randomly(this.#faults.partitionEvery, () => this.#partition());
    let events = 0;
    while (!this.#done() && events++ < mostEvents && this.#schedule.next());
    if (!this.#done())
      this.#violations.push(`stalled at heights ${this.#members.map(({ height }) => height).join(" ")}`);
    return {
      decided: this.#decided.size,
      virtualTime: this.#schedule.now,
      steps: this.#steps,
      crashes: this.#crashes,
      maxRound: this.#maxRound,
      violations: this.#violations,
    };
  }

  #join(name: string, address: Address, honest: boolean): void {
    const member: Member = {
      name,
      address,
      honest,
      core: this.#core(address, honest, 1),
      height: 1,
      life: 0,
      down: false,
      side: 0,
      log: [],
    };
    this.#members.push(member);
  }

  #core(address: Address, honest: boolean, height: number): BftCore {
    return new BftCore({
      address,
      domain,
      height,
      set: this.#set,
      now: () => BigInt(Math.floor(this.#schedule.now * 1e6)),
      keys: {
        sign: (digest, message) => {
          if (honest) this.#recordVote(address, digest, message);
          return sign(address, digest);
        },
        recovers: (digest, signature, signer) => signature === sign(signer, digest),
      },
    });
  }

  /** Two digests under one kind, height and round are a double vote. Layout: tag 11, domain 32, kind 1, height 8, round 8. */
  #recordVote(address: Address, digest: Hex, message: Uint8Array): void {
    const place = `${address}/${Buffer.from(message.subarray(43, 60)).toString("hex")}`;
    const earlier = this.#votes.get(place);
    if (earlier !== undefined && earlier !== digest) this.#violations.push(`double vote by ${address}`);
    this.#votes.set(place, digest);
  }

  #done(): boolean {
    return this.#members.every(({ honest, height }) => !honest || height > this.#faults.heights);
  }

  #every(interval: number, run: () => void): void {
    this.#schedule.at(interval, () => {
      run();
      if (!this.#done()) this.#every(interval, run);
    });
  }

  #randomly(mean: number, run: () => void): void {
    this.#schedule.at(mean * (0.2 + 1.6 * this.#random()), () => {
      if (this.#done()) return;
      run();
      this.#randomly(mean, run);
    });
  }

  #start(member: Member, height: number, restart: boolean): void {
    member.height = height;
    if (height > this.#faults.heights) return;
    this.#step(member, { input: "start", height, set: this.#set, restart });
  }

  #step(member: Member, input: BftInput): void {
    if (member.down) return;
    this.#steps++;
    for (const event of member.core.step(input)) this.#act(member, event);
  }

  #broadcast(from: Member, input: BftInput): void {
    for (const to of this.#members) {
      if (to === from) continue;
      const copies = this.#random() < (this.#faults.duplicate ?? 0) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (this.#random() < (this.#faults.drop ?? 0) || (this.#partitioned && from.side !== to.side)) continue;
        this.#schedule.at(1 + this.#random() * (this.#faults.maxDelay ?? 20), () => this.#deliver(to, input));
      }
    }
  }

  #deliver(to: Member, input: BftInput): void {
    if (!to.down && to.height <= this.#faults.heights) this.#step(to, input);
  }

  #act(member: Member, event: BftEvent): void {
    switch (event.event) {
      case "scheduleTimeout":
        return this.#setTimer(member, event.kind, event.round);
      case "send":
        return this.#broadcast(member, { input: "message", message: event.message });
      case "getValue":
        return this.#propose(member, event.height, event.round);
      case "restream":
        return this.#broadcast(member, { ...event, input: "value", valid: true, synced: false });
      case "syncAccepted":
        return this.#acceptSync(member, event.certificate, event.proposer);
      case "log":
        member.log.push(event.entry);
        return;
      case "startRound":
        this.#maxRound = Math.max(this.#maxRound, event.round);
        return;
      case "decide":
        return this.#decide(member, event.certificate);
      case "finalize":
        member.log = [];
        member.height = event.height + 1;
        this.#schedule.at(0.01, () => this.#start(member, event.height + 1, false));
        return;
      case "failed":
        this.#violations.push(`member ${member.name} failed: ${event.reason}`);
        return;
      case "cancelTimeouts":
      case "cancelTimeout":
      case "syncRejected":
    }
  }

  #setTimer(member: Member, kind: TimeoutKind, round: number): void {
    const { height, life } = member;
    this.#schedule.at(timeouts[kind] + 100 * round, () => {
      if (member.height === height && member.life === life) this.#step(member, { input: "timeout", kind, round });
    });
  }

  #propose(member: Member, height: number, round: number): void {
    const value: Hex = `0x${hash(String(height), String(round), member.name, String(member.life))}`;
    const { life } = member;
    this.#schedule.at(1, () => {
      if (member.height !== height || member.life !== life) return;
      this.#step(member, { input: "propose", height, round, value });
      const body = {
        height,
        round,
        validRound: -1,
        proposer: member.address,
        value,
        valid: true,
        synced: false,
      } as const;
      this.#broadcast(member, { input: "value", ...body });
    });
  }

  #acceptSync(member: Member, { height, round, value }: QuorumForm, proposer: Address): void {
    this.#schedule.at(0.01, () => {
      if (member.height !== height) return;
      this.#step(member, { input: "value", height, round, validRound: -1, proposer, value, valid: true, synced: true });
    });
  }

  #decide(member: Member, certificate: QuorumForm): void {
    const known = this.#decided.get(certificate.height);
    if (member.honest && known !== undefined && known.value !== certificate.value)
      this.#violations.push(`two values decided at height ${certificate.height}`);
    if (member.honest && known === undefined) this.#decided.set(certificate.height, certificate);
  }

  #syncAll(): void {
    for (const member of this.#members) {
      const certificate = this.#decided.get(member.height);
      const reachable = !this.#partitioned || member.side === 0;
      if (certificate === undefined || member.down || !reachable) continue;
      if (this.#random() >= (this.#faults.drop ?? 0)) this.#step(member, { input: "sync", certificate });
    }
  }

  #crash(): void {
    const member = this.#members[Math.floor(this.#random() * this.#members.length)]!;
    if (member.down || member.height > this.#faults.heights) return;
    this.#crashes++;
    member.down = true;
    member.life++;
    if (this.#faults.forgetLog) member.log = [];
    this.#schedule.at(5 + this.#random() * 60, () => this.#revive(member));
  }

  #revive(member: Member): void {
    member.down = false;
    member.core = this.#core(member.address, member.honest, member.height);
    const log = member.log;
    member.log = [];
    this.#start(member, member.height, true);
    if (log.length === 0) return;
    // Replayed entries come back as log events; what was on disk stays there once, what is new is added.
    member.log = [...log];
    const known = new Set(log.map((entry) => JSON.stringify(entry)));
    for (const event of member.core.replay(log))
      if (event.event !== "log" || !known.has(JSON.stringify(event.entry))) this.#act(member, event);
  }

  #partition(): void {
    if (this.#partitioned) return;
    this.#partitioned = true;
    for (const member of this.#members) member.side = this.#random() < 0.5 ? 0 : 1;
    this.#schedule.at(100 + this.#random() * 500, () => {
      this.#partitioned = false;
    });
  }
}
