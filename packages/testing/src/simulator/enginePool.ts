import { EmbeddedEngine } from "@metis/committee";
import type { ConsensusApplication, Mesh } from "@metis/committee";
import type { SetMember } from "@metis/protocol";
import { ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import { createHash } from "node:crypto";
import type { Address, Hex } from "viem";
import { seededRandom } from "./schedule.ts";

export interface EnginePoolFaults {
  readonly seed: number;
  readonly members: number;
  readonly drop?: number;
  readonly maxDelay?: number;
}

const addressOf = (index: number): Address => `0x${(index + 1).toString(16).padStart(40, "0")}`;
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const signatureOf = (signer: Address, digest: Hex): Hex => `0x${hash(signer + digest)}${hash(signer + digest)}1b`;

/** One member: its store outlives its engine, as a disk outlives a process. */
interface Seat {
  readonly address: Address;
  readonly store: MemoryStore;
  readonly decided: string[];
  readonly finalized: Map<bigint, string>;
  engine: EmbeddedEngine | undefined;
  receiver: ((from: Address, message: Uint8Array) => void) | undefined;
}

/** Whole engines (core, log, payloads, catch-up, rotation) of a pool in one process, on one manual clock and one seed. */
export class EnginePool {
  readonly clock = new ManualClock();
  readonly seats: readonly Seat[];
  readonly violations: string[] = [];
  readonly #random: () => number;
  readonly #faults: EnginePoolFaults;
  readonly #members: readonly SetMember[];
  readonly #signed = new Map<string, Hex>();
  #cut: ReadonlySet<number> = new Set();

  constructor(faults: EnginePoolFaults) {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed);
    const indexes = Array.from({ length: faults.members }, (_, index) => index);
    this.#members = indexes.map((index) => ({ signer: addressOf(index), weight: 20_000n * 10n ** 18n }));
    this.seats = indexes.map((index) => ({
      address: addressOf(index),
      store: new MemoryStore(),
      decided: [],
      finalized: new Map(),
      engine: undefined,
      receiver: undefined,
    }));
  }

  async startAll(): Promise<void> {
    for (const index of this.seats.keys()) await this.start(index);
  }

  async start(index: number): Promise<void> {
    const seat = this.seats[index]!;
    const { address } = seat;
    seat.engine = new EmbeddedEngine({
      address,
      domain: `0x${"5a".repeat(32)}`,
      keys: {
        sign: (digest, message) => {
          this.#checkDoubleVote(address, digest, message);
          return signatureOf(address, digest);
        },
        recovers: (digest, signature, signer) => signature === signatureOf(signer, digest),
      },
      genesis: { height: 1n, members: this.#members },
      rules: { term: 4, absence: 12 },
      application: this.#application(seat),
      mesh: this.#mesh(index),
      store: seat.store,
      clock: this.clock,
      logger: silentLogger(),
    });
    await seat.engine.start();
  }

  /** Ends a member between two of its tasks; what it wrote is kept. */
  async kill(index: number): Promise<void> {
    const seat = this.seats[index]!;
    seat.receiver = undefined;
    await seat.engine?.stop();
    seat.engine = undefined;
  }

  /** Members in `cut` reach only each other. */
  partition(cut: readonly number[]): void {
    this.#cut = new Set(cut);
  }

  /** Lets time pass in steps of 10 ms, waking everybody every 100 ms, until `done` or `limit` ms are over. */
  async until(done: () => boolean, limit = 60_000): Promise<boolean> {
    for (let passed = 0; passed < limit; passed += 10) {
      if (done()) return true;
      if (passed % 100 === 0) for (const { engine } of this.seats) engine?.wake();
      await this.clock.advance(10);
    }
    return done();
  }

  /** Height every living member has decided. */
  get common(): number {
    return Math.min(...this.seats.filter(({ engine }) => engine).map(({ decided }) => decided.length));
  }

  #application(seat: Seat): ConsensusApplication {
    return {
      isDue: async () => true,
      prepareProposal: async ({ height }) =>
        new TextEncoder().encode(`${height} by ${seat.address} at ${this.clock.now()}`),
      processProposal: async ({ height, proposal }) =>
        new TextDecoder().decode(proposal).startsWith(`${height} by `) ? "accept" : "reject",
      finalizeBlock: async ({ height, proposal }) => {
        this.#finalized(seat, height, new TextDecoder().decode(proposal));
        return {};
      },
    };
  }

  #finalized(seat: Seat, height: bigint, text: string): void {
    for (const other of this.seats) {
      const theirs = other.finalized.get(height);
      if (theirs !== undefined && theirs !== text) this.violations.push(`two blocks at height ${height}`);
    }
    if (!seat.finalized.has(height)) seat.decided.push(text);
    if (BigInt(seat.decided.length) !== height) this.violations.push(`${seat.address} skipped before ${height}`);
    seat.finalized.set(height, text);
  }

  /** Layout of what is signed: tag 11 bytes, domain 32, kind 1, height 8, round 8. */
  #checkDoubleVote(address: Address, digest: Hex, message: Uint8Array): void {
    const place = `${address}/${Buffer.from(message.subarray(43, 60)).toString("hex")}`;
    const earlier = this.#signed.get(place);
    if (earlier !== undefined && earlier !== digest) this.violations.push(`double vote by ${address}`);
    this.#signed.set(place, digest);
  }

  #mesh(index: number): Mesh {
    const seat = this.seats[index]!;
    return {
      broadcast: (message) => this.seats.forEach((_, to) => to !== index && this.#carry(index, to, message)),
      send: (to, message) =>
        this.#carry(
          index,
          this.seats.findIndex(({ address }) => address === to),
          message,
        ),
      receive: (receiver) => {
        seat.receiver = receiver;
        return () => (seat.receiver = undefined);
      },
    };
  }

  #carry(from: number, to: number, message: Uint8Array): void {
    if (this.#random() < (this.#faults.drop ?? 0)) return;
    this.clock.after(1 + this.#random() * (this.#faults.maxDelay ?? 10), () => {
      if (this.#cut.has(from) === this.#cut.has(to)) this.seats[to]!.receiver?.(this.seats[from]!.address, message);
    });
  }
}
