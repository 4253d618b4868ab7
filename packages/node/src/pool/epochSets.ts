import { createSet } from "@metis/committee";
import type { SequencerSet } from "@metis/committee";
import { MetisError } from "@metis/protocol";
import type { Epoch, Generation, Hash, SetMember } from "@metis/protocol";
import type { Address } from "viem";

/** Why the set of an epoch cannot be told. `set-unknown`: not yet. */
export class EpochSetError extends MetisError<"set-unknown" | "set-inconsistent"> {
  override readonly name = "EpochSetError";
}

/** Who signs in which epoch: L1's word, read at anchors inside the epoch (docs/spec/pool.md, "Sets and epochs"). */
export interface EpochSets {
  /**
   * The set of `epoch` in `generation` (default: the one that this node is in): an emergency handover gives a generation another
   * set (docs/spec/below-two-thirds.md). Throws `set-unknown` (retry) while L1, as seen here, has not reached the epoch.
   */
  of(epoch: Epoch, generation?: Generation): Promise<SequencerSet>;
  /** Whether `signer` belongs to the mesh: a member of the current, the previous or a frozen later epoch, as far as known. */
  isMember(signer: Address): boolean;
}

/** One set for every epoch. */
export function fixedEpochSets(members: readonly SetMember[]): EpochSets {
  const set = createSet(members);
  const signers = new Set(set.members.map(({ signer }) => signer));
  return {
    of: async () => set,
    isMember: (signer) => signers.has(signer.toLowerCase() as Address),
  };
}

/** `given` as a set; throws `set-inconsistent` (halt) when it does not hash to what L1 says it does. */
export function checkedMembers(given: readonly SetMember[], expected: Hash, epoch: Epoch): readonly SetMember[] {
  const { members, hash } = createSet(given);
  if (hash === expected) return members;
  throw new EpochSetError(
    "set-inconsistent",
    "halt",
    `the L1 endpoint shows another set of epoch ${epoch} than L1 made`,
    {
      epoch,
      setHash: expected,
      hash,
    },
  );
}
