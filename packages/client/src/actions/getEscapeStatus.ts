import { batchInboxAbi } from "@metis/protocol/contracts";
import { getBlock, readContract } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import type { ReaderLike } from "../utils/send.ts";

export interface GetEscapeStatusParameters {
  readonly contracts: Pick<MetisL1Contracts, "batchInbox">;
}
/** How far the way out is open. Times in seconds of L1's clock. */
export type GetEscapeStatusReturnType =
  /** Batches come and no deposit is overdue. */
  | { readonly status: "no-cause"; readonly secondsUntilCause: number }
  | { readonly status: "may-be-announced" }
  /** Certified batches may still land; if the cause is gone then, the announcement is void. */
  | { readonly status: "announced"; readonly secondsLeft: number }
  | { readonly status: "ready" };
/** What viem throws when the endpoint does not answer. */
export type GetEscapeStatusErrorType = Error;

/**
 * Whether the chain can be moved on without its sequencers.
 *
 * @example
 * const { status } = await l1Client.getEscapeStatus();
 */
export async function getEscapeStatus(
  client: ReaderLike,
  { contracts }: GetEscapeStatusParameters,
): Promise<GetEscapeStatusReturnType> {
  const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
  const [causeAt, readyAt, { timestamp: now }] = await Promise.all([
    readContract(client, { ...inbox, functionName: "escapeCauseAt" }),
    readContract(client, { ...inbox, functionName: "escapeReadyAt" }),
    getBlock(client),
  ]);
  if (causeAt > now) return { status: "no-cause", secondsUntilCause: Number(causeAt - now) };
  if (readyAt === 0n) return { status: "may-be-announced" };
  return readyAt > now ? { status: "announced", secondsLeft: Number(readyAt - now) } : { status: "ready" };
}
