import type { SetMember } from "@metis/protocol";
import type { BftSet } from "../../bft/forms.ts";

/** The core counts in 53 bits, so that a JSON number carries any sum of weights exactly. */
const coreBits = 52;

/** Ascending by signer, as the core and L1 want it. */
export const sortMembers = (members: readonly SetMember[]): readonly SetMember[] =>
  members.toSorted((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));

/**
 * Weights for the core: METIS wei divided by one power of two, never below 1. The core's quorum can differ from the exact one by
 * 2^-52 of the total; what L1 accepts is counted exactly, in certificates.
 */
export function coreWeights(members: readonly SetMember[]): BftSet["members"] {
  const total = members.reduce((sum, { weight }) => sum + weight, 0n);
  const shift = BigInt(Math.max(0, total.toString(2).length - coreBits));
  return members.map(({ signer, weight }) => {
    const scaled = weight >> shift;
    return { address: signer, weight: Number(scaled > 0n ? scaled : 1n) };
  });
}
