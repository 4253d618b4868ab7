import { cappedFrom, weightCap } from "@metis/protocol";
import type { SetMember } from "@metis/protocol";
import type { BftSet } from "../../bft/forms.ts";

/** The core counts in 53 bits, so that a JSON number carries any sum of weights exactly. */
const coreBits = 52;

/** Ascending by signer, as the core and L1 want it. */
export const sortMembers = (members: readonly SetMember[]): readonly SetMember[] =>
  members.toSorted((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));

/**
 * Weights for the core: METIS wei divided by one power of two, never below 1. The core's quorum can differ from the exact one by
 * 2^-52 of the total; what L1 accepts is counted exactly, in certificates. A set of which no member holds a third keeps that: a weight
 * capped on L1 lies one wei below it, which the division would lose, and with it the quorum of the others.
 */
export function coreWeights(members: readonly SetMember[]): BftSet["members"] {
  const total = members.reduce((sum, { weight }) => sum + weight, 0n);
  const shift = BigInt(Math.max(0, total.toString(2).length - coreBits));
  const scaled = members.map(({ weight }) => (weight >> shift > 0n ? weight >> shift : 1n));
  const canLoseAny = members.length >= cappedFrom && members.every(({ weight }) => 3n * weight < total);
  const cap = canLoseAny ? weightCap(scaled.toSorted((a, b) => (a < b ? 1 : -1))) : total;
  return members.map(({ signer }, index) => {
    const weight = scaled[index]!;
    return { address: signer, weight: Number(weight < cap ? weight : cap) };
  });
}
