import { TransactionReceiptNotFoundError, type Address, type Hash, type Log, type TransactionReceipt } from "viem";
import { getTransactionReceipt } from "viem/actions";
import { getL2TransactionHash } from "../utils/deposits.ts";
import type { ReaderLike } from "../utils/send.ts";
import { until, type WaitOptions } from "../utils/wait.ts";

export interface WaitForDepositParameters extends WaitOptions {
  /** Receipt of the L1 transaction that made the deposit. */
  readonly l1Receipt: { readonly logs: readonly Log[] };
  readonly contracts: { readonly portal: Address };
}
/** Receipt of the L2 transaction. Its status may be "reverted": the minted METIS stays credited to the sender. */
export type WaitForDepositReturnType = TransactionReceipt;
/** `ClientError`: no-deposit, stopped-waiting. */
export type WaitForDepositErrorType = Error;

/**
 * Waits until a deposit is in an L2 block.
 *
 * @example
 * const l2Receipt = await l2Client.waitForDeposit({ l1Receipt });
 */
export async function waitForDeposit(
  client: ReaderLike,
  parameters: WaitForDepositParameters,
): Promise<WaitForDepositReturnType> {
  const { l1Receipt, contracts, pollingInterval = client.pollingInterval, signal } = parameters;
  const hash = getL2TransactionHash(l1Receipt.logs, contracts.portal);
  const options = { pollingInterval, ...(signal && { signal }) };
  return until(`deposit ${hash}`, () => receiptIfAny(client, hash), options);
}

async function receiptIfAny(client: ReaderLike, hash: Hash): Promise<TransactionReceipt | undefined> {
  try {
    return await getTransactionReceipt(client, { hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}
