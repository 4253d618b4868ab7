import type { Hash, TransactionReceipt } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { ClientError } from "../errors.ts";
import type { ReaderLike } from "./send.ts";

/** Receipt of a transaction that must succeed. Throws `transaction-reverted`. */
export async function confirmed(client: ReaderLike, hash: Hash): Promise<TransactionReceipt> {
  const receipt = await waitForTransactionReceipt(client, { hash });
  if (receipt.status !== "success")
    throw new ClientError("transaction-reverted", `transaction ${hash} reverted`, { hash });
  return receipt;
}
