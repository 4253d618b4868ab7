import type { L1BlockNumber, SetMember } from "@metis/protocol";
import type { Address } from "viem";

/** L1 blocks that a seat settles and claims before the next one does. */
const shiftBlocks = 4n;

/**
 * Position of `self` in the turns for a batch whose last block is by `proposer`: that one first, then the other members, ascending
 * by signer, cyclic. A batch without a proposer (fallback) begins with the first member. Nothing for who holds no seat.
 */
export function turnOf(members: readonly SetMember[], proposer: Address, self: Address): number | undefined {
  const own = members.findIndex(({ signer }) => signer === self);
  if (own < 0) return undefined;
  const first = members.findIndex(({ signer }) => signer === proposer);
  return first < 0 ? own : (own - first + members.length) % members.length;
}

/** L1 blocks that the member at `position` leaves to those before it. */
export const turnDelay = (position: number): bigint => (position === 0 ? 0n : 2n + 2n * BigInt(position));

/** Whether `self` is the one that settles claims, and gives batches without a claim one, at an L1 block. */
export function onShift(members: readonly SetMember[], self: Address, l1Block: L1BlockNumber): boolean {
  const position = (l1Block / shiftBlocks) % BigInt(members.length);
  return members[Number(position)]!.signer === self;
}
