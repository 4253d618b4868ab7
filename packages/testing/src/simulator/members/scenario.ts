import { createSet } from "@metis/committee";
import type { SequencerSet } from "@metis/committee";
import type { SetMember } from "@metis/protocol";
import { seededRandom } from "../schedule.ts";
import type { DiskFaults } from "./disk.ts";
import type { Keyring } from "./keys.ts";
import type { NetworkFaults } from "./network.ts";

/** What a member does that does not keep to the protocol. */
export type Vice =
  /** Says nothing, ever. */
  | "silent"
  /** Signs two blocks of one number, and tells different members different ones. */
  | "equivocator"
  /** Runs twice with one key, and neither process knows of the other. */
  | "twins"
  /** Sends signatures, certificates and votes that are not what they claim to be, and what it heard before. */
  | "forger"
  /** Proposes blocks that break rules, and votes for everything. */
  | "liar"
  /** Votes and signs, and proposes nothing when it leads. */
  | "idle";

/** Those that seeds draw. */
export const vices: readonly Vice[] = ["silent", "equivocator", "twins", "forger", "liar"];

export interface Machine {
  readonly vice: Vice | undefined;
  /** Name of its key in each epoch; it holds a seat when that key is in the epoch's set. */
  readonly keys: readonly string[];
  readonly skewMs: number;
  readonly l1LagMs: number;
}

/** What EmergencyHandover is made for. */
export interface Loss {
  readonly at: number;
  /** Which machines. */
  readonly gone: readonly number[];
  /** When L1 hands the pool over to the rest. */
  readonly handoverAt: number;
  /** Whether the highest certified block of those who are left is pinned, or that of any one of them. */
  readonly pinsHighest: boolean;
}

/** Everything that one seed does to a pool. Times in simulated milliseconds. */
export interface Scenario {
  readonly seed: number;
  readonly members: number;
  readonly machines: readonly Machine[];
  readonly sets: readonly SequencerSet[];
  readonly network: NetworkFaults;
  readonly disk: DiskFaults;
  /** Mean time between crashes of some honest machine; 0: none. */
  readonly crashEvery: number;
  /** Mean time between partitions; 0: none. */
  readonly partitionEvery: number;
  /** When L1 raises the generation; 0: never. */
  readonly raiseAt: number;
  /** Machines with a third of the weight or more are lost for ever; nothing: none is. */
  readonly loss: Loss | undefined;
  /** When every machine loses power at once; 0: never. */
  readonly powerCutAt: number;
  /** From then on nothing fails any more but the vicious. */
  readonly healAt: number;
  /** Certified blocks that every honest member must add after that. */
  readonly goal: number;
}

/** How far a machine's clock may be off, milliseconds. */
export const maxSkewMs = 750;

/** Of so many seeds one loses a third of the weight or more. */
const lossShare = 1 / 12;
/** Epochs whose sets differ; the last set stays. */
const epochs = 8;
const spares = 2;

interface Draft {
  vice: Vice | undefined;
  keys: string[];
}

/** What happens whatever the seed says. */
export interface Forced {
  /** One member has this vice. */
  readonly vice?: Vice;
  /** A third of the weight or more is lost. */
  readonly loss?: boolean;
}

/** The scenario of `seed` in a pool that begins with `members` members. */
export function scenarioOf(seed: number, members: number, keyring: Keyring, forced: Forced = {}): Scenario {
  const random = seededRandom(Math.imul(seed, 2_654_435_761) ^ members);
  const chance = (probability: number): boolean => random() < probability;
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const drafts = castOf(members, upTo(Math.floor((members - 1) / 3)), random, forced.vice);
  const sets = setsOf(drafts, members, random, keyring);
  const scenario = {
    seed,
    members,
    machines: drafts.map(({ vice, keys }) => ({
      vice,
      keys,
      skewMs: chance(0.5) ? upTo(2 * maxSkewMs) - maxSkewMs : 0,
      l1LagMs: chance(0.5) ? upTo(2500) : 0,
    })),
    sets,
    network: {
      drop: chance(0.6) ? 0.15 * random() : 0,
      duplicate: chance(0.5) ? 0.1 : 0,
      maxDelay: chance(0.5) ? 20 : 20 + upTo(180),
    },
    disk: {
      slowness: chance(0.7) ? 20 * random() : 0,
      failure: chance(0.3) ? 0.003 : 0,
      death: chance(0.5) ? 0.02 : 0,
    },
    crashEvery: chance(0.5) ? 1000 + upTo(4000) : 0,
    partitionEvery: chance(0.4) ? 2000 + upTo(5000) : 0,
    raiseAt: chance(0.25) ? 6000 + upTo(6000) : 0,
    healAt: 10_000 + upTo(6000),
    goal: 4,
    powerCutAt: chance(0.3) ? 3000 + upTo(8000) : 0,
  };
  const loss = chance(lossShare) || forced.loss ? lossOf(members, random) : undefined;
  return loss ? withoutChanges({ ...scenario, loss }) : { ...scenario, loss };
}

function lossOf(members: number, random: () => number): Loss {
  const least = Math.floor((members - 1) / 3) + 1;
  const first = Math.floor(random() * members);
  const at = 3000 + Math.floor(4000 * random());
  return {
    at,
    gone: Array.from({ length: least }, (_, place) => (first + place) % members),
    handoverAt: at + 3000 + Math.floor(4000 * random()),
    pinsHighest: random() < 0.7,
  };
}

/** Those who are left are needed all: nobody joins, leaves or breaks rules. */
function withoutChanges(scenario: Scenario): Scenario {
  const machines = scenario.machines.map((machine) => ({
    ...machine,
    vice: undefined,
    keys: machine.keys.slice(0, 1),
  }));
  return { ...scenario, machines, sets: scenario.sets.slice(0, 1) };
}

function castOf(members: number, vicious: number, random: () => number, forced: Vice | undefined): Draft[] {
  const drawn = (): Vice => vices[Math.floor(random() * vices.length)]!;
  return Array.from({ length: members + spares }, (_, index) => ({
    vice: index === 0 && forced !== undefined ? forced : index < vicious ? drawn() : undefined,
    keys: [`member ${index}`],
  }));
}

/** Sets of the epochs: seats join, leave, change their weight and their key, and less than a third of the weight is vicious. */
function setsOf(drafts: readonly Draft[], members: number, random: () => number, keyring: Keyring): SequencerSet[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const isVicious = (index: number): boolean => drafts[index]!.vice !== undefined;
  let seats = new Map(Array.from({ length: members }, (_, index) => [index, 20n]));
  const sets: SequencerSet[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const wanted = epoch === 0 ? seats : changed(seats, drafts.length, pick);
    if (isSafe(wanted, isVicious)) seats = wanted;
    const mayRotate = [...seats.keys()].filter((index) => !isVicious(index));
    const rotating = epoch > 0 && random() < 0.2 ? pick(mayRotate) : undefined;
    for (const [index, draft] of drafts.entries()) {
      const key = draft.keys.at(-1)!;
      if (epoch > 0) draft.keys.push(index === rotating ? `member ${index} from ${epoch}` : key);
    }
    sets.push(createSet([...seats].map(([index, weight]) => member(drafts[index]!.keys[epoch]!, weight, keyring))));
  }
  return sets;
}

const member = (key: string, weight: bigint, keyring: Keyring): SetMember => ({ signer: keyring.address(key), weight });

function changed(seats: Map<number, bigint>, machines: number, pick: <T>(items: readonly T[]) => T) {
  const next = new Map(seats);
  const outside = Array.from({ length: machines }, (_, index) => index).filter((index) => !seats.has(index));
  switch (pick(["stay", "join", "leave", "weight", "thirds"])) {
    case "join":
      if (outside.length > 0) next.set(pick(outside), 20n);
      break;
    case "leave":
      if (next.size > 3) next.delete(pick([...next.keys()]));
      break;
    case "weight":
      next.set(pick([...next.keys()]), pick([10n, 15n, 25n, 30n]));
      break;
    case "thirds":
      return inThirds(next);
    default:
  }
  return next;
}

/** Weights of which many sums are exactly two thirds of the total: what is one too few to count. */
function inThirds(seats: ReadonlyMap<number, bigint>): Map<number, bigint> {
  const small = BigInt(seats.size - 2);
  return new Map([...seats.keys()].toReversed().map((index, place) => [index, place < 2 ? small : 1n]));
}

function isSafe(seats: ReadonlyMap<number, bigint>, isVicious: (index: number) => boolean): boolean {
  let [bad, total] = [0n, 0n];
  for (const [index, weight] of seats) {
    total += weight;
    if (isVicious(index)) bad += weight;
  }
  return bad * 3n < total;
}
