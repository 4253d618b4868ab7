import { nextQueueHash } from "@metis/protocol";
import type { Deposit, Hash, L1BlockNumber } from "@metis/protocol";
import { decodeEventLog, encodeEventTopics } from "viem";
import type { Address } from "viem";
import { portalAbi } from "@metis/protocol/contracts";
import type { L1Client, L1Log } from "./client.ts";
import { L1Error } from "./errors.ts";

/** A deposit with the queue's hash after it. */
export interface QueuedDeposit extends Deposit {
  readonly queueHash: Hash;
  readonly l1BlockHash: Hash;
}

/** Reads the Portal's deposit queue from its logs. */
export class DepositReader {
  readonly #l1: L1Client;
  readonly #portal: Address;

  constructor(l1: L1Client, portal: Address) {
    this.#l1 = l1;
    this.#portal = portal;
  }

  /**
   * Deposits of the L1 blocks `from..to`, in order. Throws `deposits-inconsistent` (retry) when they do not follow each other
   * with the hashes the queue says, as during a reorg.
   */
  async range(from: L1BlockNumber, to: L1BlockNumber): Promise<readonly QueuedDeposit[]> {
    if (from > to) return [];
    const topics = encodeEventTopics({ abi: portalAbi, eventName: "TransactionDeposited" });
    const logs = await this.#l1.logs({ addresses: [this.#portal], topics: topics.slice(0, 1), from, to });
    const deposits = logs.map(decode);
    deposits.forEach((deposit, position) => {
      const before = deposits[position - 1];
      if (!before) return;
      if (deposit.index !== before.index + 1n || deposit.queueHash !== nextQueueHash(before.queueHash, deposit))
        throw new L1Error("deposits-inconsistent", "retry", `deposit ${deposit.index} does not follow the queue`, {
          index: deposit.index,
        });
    });
    return deposits;
  }

  /** The queue's hash after `count` deposits. */
  queueHash(count: bigint): Promise<Hash> {
    return this.#l1.read(portalAbi, this.#portal, "queueHashAt", [count]);
  }

  /** How many deposits the L1 blocks up to `number` hold. */
  countAt(number: L1BlockNumber): Promise<bigint> {
    return this.#l1.read(portalAbi, this.#portal, "depositCountAt", [number]);
  }
}

function decode(log: L1Log): QueuedDeposit {
  const { args } = decodeEventLog({
    abi: portalAbi,
    eventName: "TransactionDeposited",
    data: log.data,
    topics: log.topics as [Hash, ...Hash[]],
  });
  return {
    index: args.index,
    l1BlockNumber: log.blockNumber,
    l1BlockHash: log.blockHash,
    from: args.from.toLowerCase() as Address,
    to: args.to.toLowerCase() as Address,
    mint: args.mint,
    value: args.value,
    gasLimit: args.gasLimit,
    isCreation: args.isCreation,
    data: args.data,
    queueHash: args.queueHash,
  };
}
