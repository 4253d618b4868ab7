import { systemConfigAbi } from "@metis/protocol/contracts";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import {
  getWithdrawalStatus,
  type GetWithdrawalStatusParameters,
  type WithdrawalStatus,
} from "./getWithdrawalStatus.ts";

export type GetTimeToFinalizeParameters = GetWithdrawalStatusParameters;
export interface GetTimeToFinalizeReturnType {
  readonly status: WithdrawalStatus["status"];
  /** Seconds of L1's clock until it can be paid; 0 when it can be, or has been. */
  readonly seconds: number;
  /** False: a whole window is still to begin, so it takes `seconds` at least. */
  readonly exact: boolean;
}
/** What viem throws when an endpoint does not answer. */
export type GetTimeToFinalizeErrorType = Error;

/**
 * How long until a withdrawal can be paid.
 *
 * @example
 * const { seconds, exact } = await l1Client.getTimeToFinalize({ withdrawal, l2Client });
 */
export async function getTimeToFinalize(
  client: ReaderLike,
  parameters: GetTimeToFinalizeParameters,
): Promise<GetTimeToFinalizeReturnType> {
  const state = await getWithdrawalStatus(client, parameters);
  const { status } = state;
  if ("secondsLeft" in state) return { status, seconds: state.secondsLeft, exact: status !== "da-challenge" };
  if (status === "ready-to-settle" || status === "ready-to-finalize" || status === "finalized")
    return { status, seconds: 0, exact: true };
  const config = { address: parameters.contracts.systemConfig, abi: systemConfigAbi } as const;
  const { challengeWindow } = await readContract(client, { ...config, functionName: "parameters" });
  return { status, seconds: challengeWindow, exact: false };
}
