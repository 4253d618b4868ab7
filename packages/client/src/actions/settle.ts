import { stateClaimsAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import type { MetisL1Contracts } from "../contracts.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";

export interface SettleParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "stateClaims">;
  /** Settles, in order, up to this batch; at most 64 a call. */
  readonly batchIndex: bigint;
}
/** Hash of the L1 transaction. */
export type SettleReturnType = Hash;
/** `ClientError`: no-account, contract-refused (NothingToSettle). */
export type SettleErrorType = Error;

/**
 * Makes claims final whose challenge window is over. Anyone may.
 *
 * @example
 * const hash = await l1Wallet.settle({ batchIndex });
 */
export async function settle(client: WalletLike, parameters: SettleParameters): Promise<SettleReturnType> {
  const { contracts, batchIndex, ...options } = parameters;
  const abi = stateClaimsAbi;
  const functionName = "settle";
  const data = encodeFunctionData({ abi, functionName, args: [batchIndex] });
  return send(client, { ...options, to: contracts.stateClaims, data, abi, functionName });
}
