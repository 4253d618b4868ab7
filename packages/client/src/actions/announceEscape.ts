import { batchInboxAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import type { MetisL1Contracts } from "../contracts.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";

export interface AnnounceEscapeParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "batchInbox">;
}
/** Hash of the L1 transaction. */
export type AnnounceEscapeReturnType = Hash;
/** `ClientError`: no-account, contract-refused (NoCauseForEscape, EscapeAlreadyAnnounced). */
export type AnnounceEscapeErrorType = Error;

/**
 * Begins the escape: after the pin window, `escape` moves the chain on without its sequencers. Anyone may.
 *
 * @example
 * const hash = await l1Wallet.announceEscape();
 */
export async function announceEscape(
  client: WalletLike,
  { contracts, ...options }: AnnounceEscapeParameters,
): Promise<AnnounceEscapeReturnType> {
  const abi = batchInboxAbi;
  const functionName = "announceEscape";
  const data = encodeFunctionData({ abi, functionName });
  return send(client, { ...options, to: contracts.batchInbox, data, abi, functionName });
}
