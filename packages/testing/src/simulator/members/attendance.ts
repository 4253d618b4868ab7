import type { SequencerSet } from "@metis/committee";
import { BlockFlag, decodeAttendance, epochOf } from "@metis/protocol";
import type { BlockInputs, L2BlockNumber } from "@metis/protocol";
import type { ModelChain } from "./chain.ts";
import { simulatedConfig as config } from "./l1.ts";

/** What MetisSequencerSet says after a block of `inputs` that it had said `before` it: blocks below are counted. */
export function countedAfter(before: L2BlockNumber, inputs: BlockInputs): L2BlockNumber {
  const given = decodeAttendance(inputs.attendance);
  const current = epochOf(config, inputs.anchorNumber);
  if (!given || given.epoch > current || current >= given.epoch + 2n) return before;
  return given.runs.reduce((next, { firstBlock, blocks }) => {
    const end = firstBlock + BigInt(blocks);
    return blocks > 0 && firstBlock >= next && end <= inputs.number ? end : next;
  }, before);
}

/**
 * The rule of voting on attendance, told anew: why no honest member votes for what `inputs` bring on `chain`, block after block
 * from the first one that is to be counted.
 */
export function attendanceFault(
  inputs: BlockInputs,
  chain: ModelChain,
  setOf: (epoch: bigint) => SequencerSet,
): string | undefined {
  const given = decodeAttendance(inputs.attendance);
  if (!given) return "attendance is none";
  const current = epochOf(config, inputs.anchorNumber);
  const { members, totalWeight } = setOf(given.epoch);
  const counted = given.runs.flatMap(({ firstBlock, blocks, proposer }) =>
    Array.from({ length: blocks }, (_, i) => `${firstBlock + BigInt(i)} by ${members[proposer]?.signer}`),
  );
  const open: string[] = [];
  let epoch = 0n;
  for (let number = 1n; number < inputs.number; number++) {
    const block = chain.block(number)!.inputs;
    const isOpen = number >= (chain.counted(inputs.number - 1n) ?? 0n) && number + 256n >= inputs.number;
    const isPayable = members.some(({ signer }) => signer === block.proposer);
    if (isOpen && epoch === given.epoch && isPayable) open.push(`${number} by ${block.proposer}`);
    else if (isOpen && epoch + 1n === current && epoch !== given.epoch && open.length === 0) {
      const earlier = setOf(epoch).members.some(({ signer }) => signer === block.proposer);
      if (earlier) return "an earlier epoch is left out";
    }
    if ((block.flags & BlockFlag.batchEnd) !== 0) epoch = epochOf(config, block.anchorNumber);
  }
  if (given.epoch > current || given.epoch + 1n < current) return "attendance is too late";
  if (counted.length === 0 || counted.some((block, i) => block !== open[i])) return "attendance counts other blocks";
  for (const { attested, blocks } of given.runs) {
    const weight = members.reduce((sum, member, i) => ((attested >> BigInt(i)) & 1n ? sum + member.weight : sum), 0n);
    if (blocks === 0 || weight * 3n <= totalWeight * 2n) return "attendance weighs too little";
  }
  return undefined;
}
