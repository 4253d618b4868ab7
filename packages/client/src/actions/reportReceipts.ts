import { slashingManagerAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash, type Hex } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";
import type { InclusionProof } from "./getInclusionProof.ts";
import type { SendRawTransactionWithReceiptReturnType } from "./sendRawTransactionWithReceipt.ts";

/** A receipt as its user got it. */
export type UserReceipt = Pick<SendRawTransactionWithReceiptReturnType, "receipt" | "signature">;

export interface ReportReceiptsParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** Two receipts of one signer and generation, in any order. */
  readonly receipts: readonly [UserReceipt, UserReceipt];
  /** Where their transactions stand, in the same order (`getInclusionProof`); not needed when both have one sequence. */
  readonly inclusions?: readonly [InclusionProof, InclusionProof];
}
/** Hash of the L1 transaction. */
export type ReportReceiptsReturnType = Hash;
/** `ClientError`: no-account, contract-refused; `RangeError` when inclusions are needed. */
export type ReportReceiptsErrorType = Error;

/**
 * Shows L1 that a leader broke the order that it had signed. The leader loses a hundredth of its stake, and the caller gets the
 * reporter's share of that (`withdrawSlashing`).
 *
 * @example
 * const hash = await l1Wallet.reportReceipts({ receipts: [mine, theirs], inclusions });
 */
export async function reportReceipts(
  client: WalletLike,
  { contracts, receipts, inclusions, ...options }: ReportReceiptsParameters,
): Promise<ReportReceiptsReturnType> {
  const { slashingManager } = await stakingContracts(client, contracts);
  const [functionName, data] = callOf(receipts, inclusions);
  return send(client, { ...options, to: slashingManager, data, abi, functionName });
}

function callOf(
  receipts: ReportReceiptsParameters["receipts"],
  inclusions: ReportReceiptsParameters["inclusions"],
): readonly [string, Hex] {
  const [a, b] = receipts.map(({ receipt, signature }) => ({ receipt, signature })) as [UserReceipt, UserReceipt];
  if (a.receipt.sequence === b.receipt.sequence) {
    const functionName = "reportDoubleSequence";
    return [functionName, encodeFunctionData({ abi, functionName, args: [a, b] })];
  }
  if (!inclusions) throw new RangeError("two sequences prove nothing without the places of their transactions");
  const functionName = "reportBrokenOrder";
  const first = { signed: a, inclusion: inclusions[0] };
  const second = { signed: b, inclusion: inclusions[1] };
  const args = a.receipt.sequence < b.receipt.sequence ? ([first, second] as const) : ([second, first] as const);
  return [functionName, encodeFunctionData({ abi, functionName, args })];
}
