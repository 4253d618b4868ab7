import { emergencyHandoverAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts } from "../utils/staking.ts";
import { getHandover, type GetHandoverParameters } from "./getHandover.ts";

export interface AnnounceHandoverParameters extends SendOptions, GetHandoverParameters {}
/** Hash of the L1 transaction. */
export type AnnounceHandoverReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type AnnounceHandoverErrorType = Error;

/**
 * Opens the pin window of an emergency handover, once those who are there outweigh what is left of the rest. Anyone may.
 *
 * @example
 * if ((await l1Client.getHandover()).hasCause) await l1Wallet.announceHandover();
 */
export async function announceHandover(
  client: WalletLike,
  { contracts, ...options }: AnnounceHandoverParameters,
): Promise<AnnounceHandoverReturnType> {
  const { emergencyHandover: to } = await stakingContracts(client, contracts);
  const { members } = await getHandover(client, { contracts });
  const functionName = "announceHandover";
  const data = encodeFunctionData({ abi, functionName, args: [members] });
  return send(client, { ...options, to, data, abi, functionName });
}
