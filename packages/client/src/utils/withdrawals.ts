import { predeploys, withdrawalHash, type Withdrawal } from "@metis/protocol";
import { l2ToL1MessagePasserAbi } from "@metis/protocol/contracts";
import { isAddressEqual, parseEventLogs, type Hash, type TransactionReceipt } from "viem";
import { ClientError } from "../errors.ts";

/** A withdrawal as L2 recorded it. */
export interface LoggedWithdrawal extends Withdrawal {
  readonly withdrawalHash: Hash;
  /** L2 block that holds it. */
  readonly l2BlockNumber: bigint;
}

/** Withdrawals that an L2 transaction made, in order. */
export function getWithdrawals(receipt: Pick<TransactionReceipt, "logs" | "blockNumber">): LoggedWithdrawal[] {
  const own = receipt.logs.filter(({ address }) => isAddressEqual(address, predeploys.l2ToL1MessagePasser));
  return parseEventLogs({ abi: l2ToL1MessagePasserAbi, eventName: "MessagePassed", logs: own }).map(({ args }) => {
    const { nonce, sender, target, value, gasLimit, data } = args;
    const hash = withdrawalHash({ nonce, sender, target, value, gasLimit, data });
    return { nonce, sender, target, value, gasLimit, data, withdrawalHash: hash, l2BlockNumber: receipt.blockNumber };
  });
}

/** The only or first withdrawal of an L2 transaction. Throws `no-withdrawal`. */
export function getWithdrawal(receipt: Pick<TransactionReceipt, "logs" | "blockNumber">): LoggedWithdrawal {
  const [first] = getWithdrawals(receipt);
  if (!first) throw new ClientError("no-withdrawal", "this receipt holds no withdrawal");
  return first;
}
