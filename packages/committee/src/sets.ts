import { assertSet, hasQuorum, setHash, totalWeight } from "@metis/protocol";
import type { SetMember } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { CommitteeError } from "./errors.ts";

const maxWeight = (1n << 96n) - 1n;

/** The seats that sign for an epoch, sorted strictly ascending by signer. */
export interface SequencerSet {
  readonly members: readonly SetMember[];
  readonly totalWeight: bigint;
  /** keccak256(abi.encode(SetMember[])), what L1 stores. */
  readonly hash: Hex;
}

/**
 * Sorts and checks `members`. Throws `bad-set` for a weight outside 1..2^96-1, and protocol's `CertificateError` when
 * there is no member, more than 256, or one twice.
 */
export function createSet(members: readonly SetMember[]): SequencerSet {
  const sorted = members
    .map(({ signer, weight }) => ({ signer: signer.toLowerCase() as Address, weight }))
    .toSorted((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));
  const bad = sorted.find(({ weight }) => weight <= 0n || weight > maxWeight);
  if (bad) throw new CommitteeError("bad-set", "reject", `weight of ${bad.signer} is out of bounds`, bad);
  assertSet(sorted);
  return { members: sorted, totalWeight: totalWeight(sorted), hash: setHash(sorted) };
}

/** True when `signer` holds a seat. */
export const holdsSeat = (set: SequencerSet, signer: Address): boolean =>
  set.members.some((member) => member.signer === signer.toLowerCase());

/** One sentence for the operator when the set does not survive the loss of its heaviest member; else nothing. */
export function faultToleranceWarning(set: SequencerSet): string | undefined {
  const heaviest = set.members.reduce((max, { weight }) => (weight > max ? weight : max), 0n);
  if (hasQuorum(set.totalWeight - heaviest, set.totalWeight)) return undefined;
  const seats = set.members.length === 1 ? "one seat" : `${set.members.length} seats`;
  return `a pool of ${seats} is not fault tolerant: it halts when its heaviest member is down`;
}
