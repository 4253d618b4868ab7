import { portalAbi, systemConfigAbi } from "@metis/protocol/contracts";
import { getBlock, readContract } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import { findClaim, type ClaimSearch } from "../utils/claims.ts";
import type { ReaderLike } from "../utils/send.ts";
import type { LoggedWithdrawal } from "../utils/withdrawals.ts";

export interface GetWithdrawalStatusParameters {
  readonly contracts: Pick<MetisL1Contracts, "portal" | "stateClaims" | "batchInbox" | "systemConfig">;
  readonly withdrawal: Pick<LoggedWithdrawal, "withdrawalHash" | "l2BlockNumber">;
  /** Tells a batch without a claim from no batch. Without it both are waiting-for-batch until a claim covers the block. */
  readonly l2Client?: ReaderLike;
}

/** Every state a withdrawal can be in. Times in seconds of L1's clock. */
export type WithdrawalStatus =
  /** Its L2 block is in no batch on L1 yet. */
  | { readonly status: "waiting-for-batch" }
  /** Its batch is on L1, but nobody has claimed the state. */
  | { readonly status: "waiting-for-claim" }
  /** Claimed; anyone may still show that the claim is wrong. */
  | { readonly status: "in-challenge-window"; readonly batchIndex: bigint; readonly secondsLeft: number }
  /** The window is over; `settle` makes it final. */
  | { readonly status: "ready-to-settle"; readonly batchIndex: bigint }
  | { readonly status: "ready-to-finalize"; readonly batchIndex: bigint }
  | { readonly status: "finalized" }
  /** The claim lost; a new one for the same batch is awaited. */
  | { readonly status: "claim-rejected"; readonly batchIndex: bigint }
  /** The claim was shown to be fraud; a new one for the same batch is awaited. */
  | { readonly status: "fraud"; readonly batchIndex: bigint }
  /** Somebody demands the batch's data; only batches whose data is off Ethereum. */
  | { readonly status: "da-challenge"; readonly batchIndex: bigint; readonly secondsLeft: number }
  /** Could be paid, but the guardian has paused withdrawals. Ends by itself. */
  | { readonly status: "paused"; readonly batchIndex: bigint; readonly secondsLeft: number };

export type GetWithdrawalStatusReturnType = WithdrawalStatus;
/** What viem throws when an endpoint does not answer. */
export type GetWithdrawalStatusErrorType = Error;

/**
 * Where a withdrawal stands, read from L1 alone but for one question to L2.
 *
 * @example
 * const { status } = await l1Client.getWithdrawalStatus({ withdrawal, l2Client });
 */
export async function getWithdrawalStatus(
  client: ReaderLike,
  parameters: GetWithdrawalStatusParameters,
): Promise<GetWithdrawalStatusReturnType> {
  const { contracts, withdrawal, l2Client } = parameters;
  const { withdrawalHash, l2BlockNumber } = withdrawal;
  const portal = { address: contracts.portal, abi: portalAbi } as const;
  if (await readContract(client, { ...portal, functionName: "finalizedWithdrawals", args: [withdrawalHash] }))
    return { status: "finalized" };
  const search = await findClaim(client, contracts, l2BlockNumber);
  if (!search.found) return unclaimed(search, l2BlockNumber, l2Client);
  const { batchIndex, status, youngestPostedAt } = search.claim;
  const config = { address: contracts.systemConfig, abi: systemConfigAbi } as const;
  const { timestamp: now } = await getBlock(client, { blockTag: "latest" });
  if (status === "settled") {
    const pausedUntil = await readContract(client, { ...config, functionName: "pausedUntil" });
    if (pausedUntil > now) return { status: "paused", batchIndex, secondsLeft: Number(pausedUntil - now) };
    return { status: "ready-to-finalize", batchIndex };
  }
  const { challengeWindow } = await readContract(client, { ...config, functionName: "parameters" });
  const secondsLeft = Number(youngestPostedAt - now) + challengeWindow;
  if (secondsLeft > 0) return { status: "in-challenge-window", batchIndex, secondsLeft };
  return { status: "ready-to-settle", batchIndex };
}

async function unclaimed(
  search: Extract<ClaimSearch, { found: false }>,
  l2BlockNumber: bigint,
  l2Client: ReaderLike | undefined,
): Promise<WithdrawalStatus> {
  const { stoppedAt: batchIndex, batchCount, status } = search;
  if (status === "rejected") return { status: "claim-rejected", batchIndex };
  if (status === "fraud") return { status: "fraud", batchIndex };
  if (batchIndex === batchCount || l2Client === undefined) return { status: "waiting-for-batch" };
  const safe = await getBlock(l2Client, { blockTag: "safe" });
  return { status: l2BlockNumber <= (safe.number ?? 0n) ? "waiting-for-claim" : "waiting-for-batch" };
}
