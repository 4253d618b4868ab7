import { predeploys } from "@metis/protocol";
import { metisSequencerSetAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";

export interface ReportEpochParameters extends SendOptions {
  readonly epoch: bigint;
}
/** Hash of the L2 transaction. */
export type ReportEpochReturnType = Hash;
/** `ClientError`: no-account, contract-refused (EpochOpen, AlreadyReported). */
export type ReportEpochErrorType = Error;

/**
 * Has L2 tell L1 what the members of the pool did in an epoch. Anyone may, once; seats do it by themselves.
 *
 * @example
 * const hash = await l2Wallet.reportEpoch({ epoch: 7n });
 */
export async function reportEpoch(
  client: WalletLike,
  { epoch, ...options }: ReportEpochParameters,
): Promise<ReportEpochReturnType> {
  const functionName = "reportEpoch";
  const data = encodeFunctionData({ abi, functionName, args: [epoch] });
  return send(client, { ...options, to: predeploys.metisSequencerSet, data, abi, functionName });
}
