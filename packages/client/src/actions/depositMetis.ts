import type { Address, Hash } from "viem";
import { actingAccount, type WalletLike } from "../utils/send.ts";
import { depositTransaction, type DepositTransactionParameters } from "./depositTransaction.ts";

export type DepositMetisParameters = Pick<DepositTransactionParameters, "account" | "contracts" | "allowance"> & {
  /** METIS wei. */
  readonly amount: bigint;
  /** Recipient on L2. Default: the sender. */
  readonly to?: Address;
};
/** Hash of the L1 transaction. */
export type DepositMetisReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type DepositMetisErrorType = Error;

/**
 * Moves METIS from L1 to L2. A sender that is a contract on L1 must hold its aliased address on L2 to receive it.
 *
 * @example
 * const hash = await l1Wallet.depositMetis({ amount: parseEther("5") });
 */
export async function depositMetis(
  client: WalletLike,
  parameters: DepositMetisParameters,
): Promise<DepositMetisReturnType> {
  const { amount, to, ...rest } = parameters;
  const account = actingAccount(client, parameters);
  return depositTransaction(client, { ...rest, account, to: to ?? account.address, mint: amount, value: amount });
}
