import { createSet } from "@metis/committee";
import type { SequencerSet } from "@metis/committee";
import { EpochSetError } from "@metis/node/sequencer";
import type { AnchorChoice, EpochSets, Handover, L1View } from "@metis/node/sequencer";
import type { BlockRef } from "@metis/mvm";
import { epochOf, profiles } from "@metis/protocol";
import type { BlockInputs, ChainConfig, Epoch, Generation, Hash, L1BlockNumber, L2BlockNumber } from "@metis/protocol";
import type { Clock } from "@metis/runtime";
import { createHash } from "node:crypto";
import type { Address, Hex } from "viem";

/** Where a simulation begins, milliseconds since 1970. */
export const beginning = 1_700_000_000_000;
const slotMs = 2000;
const lookMs = 50;

export const textHash = (...parts: readonly unknown[]): Hash =>
  `0x${createHash("sha256").update(parts.join("/")).digest("hex")}`;

/** Small numbers of everything, so that a short run sees many epochs and batches. */
export const simulatedConfig: ChainConfig = {
  ...profiles.devnet.chain,
  l1ChainId: 1n,
  l2ChainId: 2n,
  blockTime: 1,
  heartbeat: 1,
  term: 3,
  maxBatchAge: 3,
  maxAnchorStep: 2,
  maxBatchAnchors: 8,
  epochLength: 3,
  l1Depth: 1,
  genesisAnchorNumber: 0n,
  genesisAnchorHash: textHash("L1", 0n),
  genesisAnchorTime: BigInt(beginning / 1000),
};

/** A batch as L1 holds it; its blocks stand for the payload. */
export interface PostedBatch {
  readonly generation: Generation;
  readonly epoch: Epoch;
  readonly l1Block: L1BlockNumber;
  readonly blocks: readonly BlockInputs[];
  readonly lastBlock: L2BlockNumber;
  readonly lastHash: Hash;
}

/** A generation that L1 began with a smaller set, by EmergencyHandover. */
export interface SimulatedHandover extends Handover {
  readonly set: SequencerSet;
  /** First epoch whose set was frozen after it. */
  readonly until: Epoch;
}

/** L1 as a function of time: a block every slot, one set for each epoch, and the batches that were posted. */
export class SimulatedL1 {
  readonly batches: PostedBatch[] = [];
  readonly handovers: SimulatedHandover[] = [];
  readonly #clock: Clock;
  readonly #sets: readonly SequencerSet[];
  readonly #signers: ReadonlySet<string>;
  /** Keys of seats that were slashed, and the first epoch that each is not in. */
  readonly #slashed = new Map<Address, Epoch>();
  readonly #purged = new Map<Epoch, SequencerSet>();

  /** `sets`: those of the epochs from 0 on; the last one stays. */
  constructor(clock: Clock, sets: readonly SequencerSet[]) {
    this.#clock = clock;
    this.#sets = sets;
    this.#signers = new Set(sets.flatMap(({ members }) => members.map(({ signer }) => signer)));
  }

  /** Number of the newest block as seen by somebody whose L1 is `lagMs` behind. */
  head(lagMs = 0): L1BlockNumber {
    return BigInt(Math.max(0, Math.floor((this.#clock.monotonic() - lagMs) / slotMs)));
  }

  /** The generation of the next batch. */
  get generation(): Generation {
    return Math.max(this.batches.at(-1)?.generation ?? 0, this.handovers.at(-1)?.generation ?? 0);
  }

  /** The set of `epoch`, of the present generation or another one. */
  setOf(epoch: Epoch, generation: Generation = this.generation): SequencerSet {
    const handover = this.handovers.findLast((one) => one.generation <= generation);
    if (handover && epoch < handover.until) return handover.set;
    const known = this.#purged.get(epoch);
    if (known) return known;
    const planned = this.#sets[Number(epoch)] ?? this.#sets.at(-1)!;
    const left = planned.members.filter(({ signer }) => (this.#slashed.get(signer) ?? epoch + 1n) > epoch);
    const set = left.length === planned.members.length ? planned : createSet(left);
    this.#purged.set(epoch, set);
    return set;
  }

  /** The next block slashes the seat of `keys`. The set of the epoch after that block's is frozen by then, later ones are not. */
  slash(keys: readonly Address[]): void {
    const first = epochOf(simulatedConfig, this.head() + 1n) + 2n;
    for (const key of keys) this.#slashed.set(key, first);
    this.#purged.clear();
  }

  /** The members with `keys` go on without the others, whose seats are jailed, on `pin` or on the last block here. */
  handOver(keys: readonly Address[], pin: BlockRef | undefined): void {
    const parent = this.batches.at(-1)?.blocks.at(-1)?.anchorNumber ?? simulatedConfig.genesisAnchorNumber;
    const epoch = epochOf(simulatedConfig, parent);
    const before = this.setOf(epoch).members;
    const set = createSet(before.filter(({ signer }) => keys.includes(signer)));
    const l1BlockNumber = this.head() + 1n;
    const until = epochOf(simulatedConfig, l1BlockNumber) + 2n;
    this.slash(before.flatMap(({ signer }) => (keys.includes(signer) ? [] : [signer])));
    const { members } = set;
    this.handovers.push({ generation: this.generation + 1, epoch, l1BlockNumber, members, pin, set, until });
  }

  isMember(signer: string): boolean {
    return this.#signers.has(signer);
  }

  block(number: L1BlockNumber) {
    const timestamp = BigInt(beginning / 1000) + (number * BigInt(slotMs)) / 1000n;
    const parentHash = textHash("L1", number - 1n);
    return { number, hash: textHash("L1", number), parentHash, timestamp, rlp: "0x" as Hex, baseFeePerGas: 7n };
  }

  /** What one member sees of it. */
  seenFrom(clock: Clock, lagMs: number): SeenL1 {
    return new SeenL1(this, clock, lagMs);
  }
}

/** L1 as one member's node sees it, behind by its lag. */
export class SeenL1 {
  readonly #l1: SimulatedL1;
  readonly #clock: Clock;
  readonly #lagMs: number;

  constructor(l1: SimulatedL1, clock: Clock, lagMs: number) {
    this.#l1 = l1;
    this.#clock = clock;
    this.#lagMs = lagMs;
  }

  get view(): L1View {
    return { head: this.#l1.block(this.#l1.head(this.#lagMs)), safe: undefined, finalized: undefined };
  }

  /** Waits until `number` may be an anchor here, or `limitMs` are over. */
  async reach(number: L1BlockNumber, limitMs: number): Promise<void> {
    const end = this.#clock.monotonic() + limitMs;
    while (this.#usable() < number && this.#clock.monotonic() < end) await this.#clock.sleep(lookMs);
  }

  async choose(parent: { readonly number: L1BlockNumber }): Promise<AnchorChoice> {
    const furthest = parent.number + BigInt(simulatedConfig.maxAnchorStep);
    const usable = this.#usable() > parent.number ? this.#usable() : parent.number;
    const header = this.#l1.block(usable < furthest ? usable : furthest);
    return { header, deposits: [], behind: header.number < usable };
  }

  async at(parent: { readonly number: L1BlockNumber }, number: L1BlockNumber): Promise<AnchorChoice | undefined> {
    const usable = this.#usable();
    const isNear = number >= parent.number && number <= parent.number + BigInt(simulatedConfig.maxAnchorStep);
    if (!isNear || (number > usable && number !== parent.number)) return undefined;
    return { header: this.#l1.block(number), deposits: [], behind: number < usable };
  }

  /** Sets as far as this member knows them. */
  get sets(): EpochSets {
    return {
      of: async (epoch, generation) => {
        if (epoch * BigInt(simulatedConfig.epochLength) <= this.#l1.head(this.#lagMs))
          return this.#l1.setOf(epoch, generation);
        throw new EpochSetError("set-unknown", "retry", `L1 has not reached epoch ${epoch} here`, { epoch });
      },
      isMember: (signer) => this.#l1.isMember(signer),
    };
  }

  /** Handovers up to the head. */
  async handovers(): Promise<readonly Handover[]> {
    return this.#l1.handovers.filter(({ l1BlockNumber }) => l1BlockNumber <= this.#l1.head(this.#lagMs));
  }

  /** Batches that lie deep enough to be derived. */
  get batches(): readonly PostedBatch[] {
    return this.#l1.batches.filter(({ l1Block }) => l1Block <= this.#usable());
  }

  #usable(): L1BlockNumber {
    const head = this.#l1.head(this.#lagMs);
    const depth = BigInt(simulatedConfig.l1Depth);
    return head > depth ? head - depth : 0n;
  }
}
