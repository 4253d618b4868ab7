import { emergencyHandoverAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts } from "../utils/staking.ts";
import { getHandover, type GetHandoverParameters } from "./getHandover.ts";

export interface HandOverParameters extends SendOptions, GetHandoverParameters {}
/** Hash of the L1 transaction. */
export type HandOverReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type HandOverErrorType = Error;

/**
 * Gives the pool to those who are there, in a new generation, when the pin window of an announced handover is over. Anyone may.
 *
 * @example
 * if ((await l1Client.getHandover()).phase === "ready") await l1Wallet.handOver();
 */
export async function handOver(
  client: WalletLike,
  { contracts, ...options }: HandOverParameters,
): Promise<HandOverReturnType> {
  const { emergencyHandover: to } = await stakingContracts(client, contracts);
  const { members } = await getHandover(client, { contracts });
  const functionName = "handover";
  const data = encodeFunctionData({ abi, functionName, args: [members] });
  return send(client, { ...options, to, data, abi, functionName });
}
