import type { ReaderLike } from "../utils/send.ts";
import { until, type WaitOptions } from "../utils/wait.ts";
import {
  getWithdrawalStatus,
  type GetWithdrawalStatusParameters,
  type WithdrawalStatus,
} from "./getWithdrawalStatus.ts";

export interface WaitForWithdrawalStatusParameters extends GetWithdrawalStatusParameters, WaitOptions {
  /** Any of these ends the wait. */
  readonly statuses: readonly WithdrawalStatus["status"][];
  /** Told of every look. */
  readonly onStatus?: (status: WithdrawalStatus) => void;
}
export type WaitForWithdrawalStatusReturnType = WithdrawalStatus;
/** `ClientError`: stopped-waiting. */
export type WaitForWithdrawalStatusErrorType = Error;

/**
 * Waits until a withdrawal is in one of `statuses`.
 *
 * @example
 * await l1Client.waitForWithdrawalStatus({ withdrawal, l2Client, statuses: ["ready-to-settle", "ready-to-finalize"] });
 */
export async function waitForWithdrawalStatus(
  client: ReaderLike,
  parameters: WaitForWithdrawalStatusParameters,
): Promise<WaitForWithdrawalStatusReturnType> {
  const { statuses, onStatus, pollingInterval = client.pollingInterval, signal, ...rest } = parameters;
  const look = async (): Promise<WithdrawalStatus | undefined> => {
    const status = await getWithdrawalStatus(client, rest);
    onStatus?.(status);
    return statuses.includes(status.status) ? status : undefined;
  };
  return until(`withdrawal ${rest.withdrawal.withdrawalHash}`, look, { pollingInterval, ...(signal && { signal }) });
}
