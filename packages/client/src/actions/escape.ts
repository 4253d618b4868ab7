import { batchInboxAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import type { MetisL1Contracts } from "../contracts.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";

export interface EscapeParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "batchInbox">;
}
/** Hash of the L1 transaction. */
export type EscapeReturnType = Hash;
/** `ClientError`: no-account, contract-refused (EscapeNotAnnounced, EscapeTooEarly, NoCauseForEscape, AnchorUnknown). */
export type EscapeErrorType = Error;

/**
 * Appends a batch of deposits only and raises the generation. Blocks that were signed but are not on L1 are dropped.
 *
 * @example
 * const hash = await l1Wallet.escape();
 */
export async function escape(
  client: WalletLike,
  { contracts, ...options }: EscapeParameters,
): Promise<EscapeReturnType> {
  const abi = batchInboxAbi;
  const functionName = "escape";
  const data = encodeFunctionData({ abi, functionName });
  return send(client, { ...options, to: contracts.batchInbox, data, abi, functionName });
}
