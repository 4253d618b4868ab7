import { batchInboxAbi, stateClaimsAbi } from "@metis/protocol/contracts";
import type { Hash } from "viem";
import { readContract } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import type { ReaderLike } from "./send.ts";

/** `ClaimStatus` of IStateClaims, by its number. */
const claimStatuses = ["none", "posted", "proven", "settled", "rejected", "fraud", "void"] as const;
export type ClaimStatus = (typeof claimStatuses)[number];

/** The claim that covers an L2 block, as far as L1 has one. */
export interface CoveringClaim {
  readonly batchIndex: bigint;
  readonly status: ClaimStatus;
  readonly outputRoot: Hash;
  /** Last L2 block of the batch. */
  readonly lastBlock: bigint;
  /** L1 time at which the youngest claim up to this one was posted; 0 when settled. */
  readonly youngestPostedAt: bigint;
}

/** What L1 knows about the state at an L2 block. */
export type ClaimSearch =
  | { readonly found: true; readonly claim: CoveringClaim }
  /** `stoppedAt`: first batch without a live claim; it may or may not hold the block. */
  | {
      readonly found: false;
      readonly stoppedAt: bigint;
      readonly batchCount: bigint;
      readonly lastClaimedBlock: bigint;
      readonly status: ClaimStatus;
    };

/** Finds the claim whose batch holds L2 block `number`: by bisection among settled ones, then one call per open claim. */
export async function findClaim(
  client: ReaderLike,
  contracts: Pick<MetisL1Contracts, "stateClaims" | "batchInbox">,
  number: bigint,
): Promise<ClaimSearch> {
  const claims = { address: contracts.stateClaims, abi: stateClaimsAbi } as const;
  const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
  const settledCount = await readContract(client, { ...claims, functionName: "settledCount" });
  const settled = async (batchIndex: bigint): Promise<readonly [Hash, bigint]> =>
    readContract(client, { ...claims, functionName: "settledOutput", args: [batchIndex] });

  const [newestRoot, newestBlock] = await settled(settledCount - 1n);
  if (newestBlock >= number) {
    const batchIndex = await firstCovering(settledCount, async (index) => (await settled(index))[1] >= number);
    const [outputRoot, lastBlock] = await settled(batchIndex);
    return { found: true, claim: { batchIndex, status: "settled", outputRoot, lastBlock, youngestPostedAt: 0n } };
  }

  const batchCount = await readContract(client, { ...inbox, functionName: "batchCount" });
  let [previousRoot, lastClaimedBlock, youngestPostedAt] = [newestRoot, newestBlock, 0n];
  for (let batchIndex = settledCount; batchIndex < batchCount; batchIndex++) {
    const args = [batchIndex, previousRoot] as const;
    const answer = await readContract(client, { ...claims, functionName: "claimOf", args });
    const [code, , outputRoot, lastBlock, postedAt] = answer;
    const status = claimStatuses[code] ?? "none";
    if (status !== "posted" && status !== "proven" && status !== "settled")
      return { found: false, stoppedAt: batchIndex, batchCount, lastClaimedBlock, status };
    if (postedAt > youngestPostedAt) youngestPostedAt = postedAt;
    if (lastBlock >= number)
      return { found: true, claim: { batchIndex, status, outputRoot, lastBlock, youngestPostedAt } };
    [previousRoot, lastClaimedBlock] = [outputRoot, lastBlock];
  }
  return { found: false, stoppedAt: batchCount, batchCount, lastClaimedBlock, status: "none" };
}

/** Least index below `count` for which `covers` holds; it holds for the last one. */
async function firstCovering(count: bigint, covers: (index: bigint) => Promise<boolean>): Promise<bigint> {
  let [low, high] = [0n, count - 1n];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (await covers(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}
