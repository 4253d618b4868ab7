import { BlockFlag } from "@metis/protocol";
import type { BlockInputs, ChainConfig } from "@metis/protocol";
import { blockSize } from "@metis/rollup";
import type { BatchCutter } from "@metis/rollup";
import type { AnchorChoice } from "./anchors.ts";
import type { ParentView } from "./parent.ts";
import { chainNow, maxAhead, mayHoldTransactions } from "./timing.ts";
import type { Moment } from "./timing.ts";

/** What a member compares a proposal with. */
export interface VotingFacts {
  readonly config: ChainConfig;
  readonly parent: ParentView;
  /** The proposal's anchor, if one block may move that far and it is l1Depth deep. */
  readonly anchor: AnchorChoice | undefined;
  readonly now: Pick<Moment, "clock" | "l1Time">;
  readonly cutter: BatchCutter;
}

/**
 * Why an honest member does not vote for a block made of `inputs`, or nothing. Derivation asks for less (docs/spec/derivation.md):
 * depth of the anchor and nearness of the time are rules of voting alone. Throws for transactions that no payload can carry.
 */
export function brokenRule(
  inputs: BlockInputs,
  { config, parent, anchor, now, cutter }: VotingFacts,
): string | undefined {
  if (inputs.number !== parent.number + 1n) return "it does not follow the head";
  if (inputs.generation < parent.generation) return "its generation is over";
  if (!anchor || anchor.header.hash !== inputs.anchorHash) return "its anchor is not one that may be proposed now";
  const { timestamp } = anchor.header;
  const moves = anchor.header.number > parent.anchorNumber;
  const depositEnd = parent.depositEnd + BigInt(anchor.deposits.length);
  const ends = (inputs.flags & BlockFlag.batchEnd) !== 0;
  const rules: readonly (readonly [broken: boolean, why: string])[] = [
    [inputs.time <= parent.time, "its time does not grow"],
    [inputs.time < timestamp, "its time is before its anchor's"],
    [inputs.time > chainNow(now) + maxAhead, "its time is ahead of the clock"],
    [
      inputs.transactions.length > 0 && !mayHoldTransactions(config, inputs.time, timestamp),
      "it holds transactions past maxDrift",
    ],
    [inputs.depositStart !== parent.depositEnd || inputs.depositEnd !== depositEnd, "its deposits are not the queue's"],
    [
      !moves && (inputs.rate !== 0n || inputs.attendance !== "0x"),
      "it has a rate or attendance without an anchor move",
    ],
    [(inputs.flags & ~BlockFlag.batchEnd) !== 0, "it has flags that no proposer sets"],
    [blockSize(inputs.transactions, config.l2ChainId) > config.maxBlockBytes, "it is longer than maxBlockBytes"],
    [!ends && cutter.mustEnd(inputs) !== undefined, "it must end its batch and does not say so"],
  ];
  return rules.find(([broken]) => broken)?.[1];
}
