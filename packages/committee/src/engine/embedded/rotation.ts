import type { SetMember } from "@metis/protocol";
import type { Address } from "viem";
import { CommitteeError } from "../../errors.ts";

/** Whose turn it is, agreed by all: a function of the set and of who proposed what was decided. Indexes point into the set. */
export interface RotationState {
  /** Smooth weighted round robin: what each member has saved up. */
  readonly credit: readonly bigint[];
  readonly leader: number;
  /** Heights the leader may still propose, this one included. */
  readonly termLeft: number;
  /** First height at which a member that was passed over is tried in the first round again; 0 = present. */
  readonly absentUntil: readonly bigint[];
}

export interface RotationRules {
  /** Heights a leader keeps the lead. */
  readonly term: number;
  /** Heights for which a member that did not propose in its turn stands at the end of the line. */
  readonly absence: number;
}

type Weights = readonly bigint[];

const weightsOf = (members: readonly SetMember[]): Weights => members.map(({ weight }) => weight);

/** One step of the smooth weighted round robin among `candidates`: the richest leads, or `taker`, and pays the total. */
function pick(credit: bigint[], weights: Weights, candidates: readonly number[], taker?: number): number {
  let total = 0n;
  for (const index of candidates) {
    credit[index] = credit[index]! + weights[index]!;
    total += weights[index]!;
  }
  const leader = taker ?? candidates.reduce((left, right) => (credit[right]! > credit[left]! ? right : left));
  credit[leader] = credit[leader]! - total;
  return leader;
}

const presentAt = (absentUntil: readonly bigint[], height: bigint): readonly number[] => {
  const all = absentUntil.map((_, index) => index);
  const present = all.filter((index) => absentUntil[index]! <= height);
  return present.length > 0 ? present : all;
};

/** The state before the first height of a set. */
export function firstRotation(members: readonly SetMember[], { term }: RotationRules): RotationState {
  const credit = members.map(() => 0n);
  const absentUntil = members.map(() => 0n);
  const leader = pick(credit, weightsOf(members), presentAt(absentUntil, 0n));
  return { credit, leader, termLeft: term, absentUntil };
}

/** Who proposes in round 0, 1, 2, ... of `height`: the leader, then the present by weight, then the absent; each once. */
export function proposerOrder(state: RotationState, members: readonly SetMember[], height: bigint): readonly number[] {
  const credit = [...state.credit];
  const weights = weightsOf(members);
  const order = [state.leader];
  const present = presentAt(state.absentUntil, height);
  for (const group of [present, members.map((_, index) => index)]) {
    let left = group.filter((index) => !order.includes(index));
    while (left.length > 0) {
      const next = pick(credit, weights, left);
      order.push(next);
      left = left.filter((index) => index !== next);
    }
  }
  return order;
}

/**
 * The state after `height` was decided with a payload of `proposer`. Whoever stood before it in the order is absent for a
 * while, and the proposer leads on with a new term, which it pays for like any other: members that take turns from each other
 * cannot keep the rest from theirs. Throws `bad-rotation` when the proposer is not in the set.
 */
export function nextRotation(
  state: RotationState,
  members: readonly SetMember[],
  rules: RotationRules,
  decided: { readonly height: bigint; readonly proposer: Address },
): RotationState {
  const order = proposerOrder(state, members, decided.height);
  const turn = order.findIndex((index) => members[index]!.signer === decided.proposer);
  if (turn < 0)
    throw new CommitteeError("bad-rotation", "halt", `${decided.proposer} proposed and is not in the set`, decided);
  const proposer = order[turn]!;
  const absentUntil = [...state.absentUntil];
  for (const passed of order.slice(0, turn)) absentUntil[passed] = decided.height + 1n + BigInt(rules.absence);
  absentUntil[proposer] = 0n;
  const credit = [...state.credit];
  if (turn > 0) pick(credit, weightsOf(members), presentAt(absentUntil, decided.height), proposer);
  const termLeft = turn === 0 ? state.termLeft - 1 : rules.term - 1;
  if (termLeft > 0) return { credit, leader: proposer, termLeft, absentUntil };
  const leader = pick(credit, weightsOf(members), presentAt(absentUntil, decided.height + 1n));
  return { credit, leader, termLeft: rules.term, absentUntil };
}

/** The coming turns, this one first: who leads, and for how many heights, as long as nobody fails. */
export function calendar(
  state: RotationState,
  members: readonly SetMember[],
  rules: RotationRules,
  from: bigint,
  turns: number,
): readonly { readonly leader: Address; readonly from: bigint; readonly heights: number }[] {
  const found: { readonly leader: Address; readonly from: bigint; readonly heights: number }[] = [];
  let [rotation, height] = [state, from];
  while (found.length < turns) {
    const { leader: index, termLeft: heights } = rotation;
    const leader = members[index]!.signer;
    found.push({ leader, from: height, heights });
    height += BigInt(heights);
    const last = { height: height - 1n, proposer: leader };
    rotation = nextRotation({ ...rotation, termLeft: 1 }, members, rules, last);
  }
  return found;
}
