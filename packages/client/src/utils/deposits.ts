import { depositSourceHash, depositTransactionHash, type DepositTransaction } from "@metis/protocol";
import { portalAbi } from "@metis/protocol/contracts";
import { isAddressEqual, parseEventLogs, type Address, type Hash, type Log } from "viem";
import { ClientError } from "../errors.ts";

/** A deposit as its L1 log tells it, and the L2 transaction it becomes. */
export interface LoggedDeposit {
  /** Position in the queue. */
  readonly index: bigint;
  readonly transaction: DepositTransaction;
  readonly l2Hash: Hash;
}

/**
 * Deposits that an L1 transaction made, in order. viem's OP helpers compute other hashes: a deposit's identity here is
 * its place in the queue (docs/spec/structs.md, "Deposit").
 *
 * @example
 * const [deposit] = getDeposits(receipt.logs, contracts.portal);
 * const l2Receipt = await l2Client.getTransactionReceipt({ hash: deposit.l2Hash });
 */
export function getDeposits(logs: readonly Log[], portal: Address): LoggedDeposit[] {
  const own = logs.filter(({ address }) => isAddressEqual(address, portal));
  return parseEventLogs({ abi: portalAbi, eventName: "TransactionDeposited", logs: own }).map(({ args }) => {
    const transaction = {
      sourceHash: depositSourceHash(args.index),
      from: args.from,
      to: args.isCreation ? null : args.to,
      mint: args.mint,
      value: args.value,
      gas: args.gasLimit,
      data: args.data,
    };
    return { index: args.index, transaction, l2Hash: depositTransactionHash(transaction) };
  });
}

/** L2 hash of the only or first deposit of an L1 transaction. Throws `no-deposit`. */
export function getL2TransactionHash(logs: readonly Log[], portal: Address): Hash {
  const [first] = getDeposits(logs, portal);
  if (!first) throw new ClientError("no-deposit", `these logs hold no deposit of the portal ${portal}`);
  return first.l2Hash;
}
