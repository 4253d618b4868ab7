import { batchHash } from "@metis/protocol";
import type { DataHeader, Hash, L1BlockNumber, StateClaim } from "@metis/protocol";
import { decodeEventLog } from "viem";
import type { Address, Hex } from "viem";
import { batchInboxAbi, stateClaimsAbi } from "@metis/protocol/contracts";
import type { L1Client, L1Log } from "./client.ts";

/** Where on L1 something happened. */
export interface L1Place {
  readonly l1BlockNumber: L1BlockNumber;
  readonly l1BlockHash: Hash;
  readonly transactionHash: Hash;
}

/** A batch that the inbox accepted. */
export interface PostedBatch extends L1Place {
  readonly header: DataHeader;
  readonly batchHash: Hash;
  readonly versionedHashes: readonly Hash[];
  /** Mode 0 only: the payload from the log. */
  readonly payload: Hex | undefined;
}

export interface PostedClaim extends L1Place {
  readonly batchIndex: bigint;
  readonly claim: StateClaim;
}

export interface SettledClaim extends L1Place {
  readonly batchIndex: bigint;
  readonly outputRoot: Hash;
  readonly lastBlock: bigint;
}

/** What the inbox and the claims contract logged in a range of L1 blocks. */
export interface RollupLogs {
  readonly batches: readonly PostedBatch[];
  readonly claims: readonly PostedClaim[];
  readonly settled: readonly SettledClaim[];
}

/** Reads batches and claims from logs, never from transaction input. */
export class BatchReader {
  readonly #l1: L1Client;
  readonly #inbox: Address;
  readonly #claims: Address;

  constructor(l1: L1Client, addresses: { readonly batchInbox: Address; readonly stateClaims: Address }) {
    this.#l1 = l1;
    this.#inbox = addresses.batchInbox.toLowerCase() as Address;
    this.#claims = addresses.stateClaims.toLowerCase() as Address;
  }

  /** Everything logged in the L1 blocks `from..to`, in order. */
  async range(from: L1BlockNumber, to: L1BlockNumber): Promise<RollupLogs> {
    const batches: PostedBatch[] = [];
    const claims: PostedClaim[] = [];
    const settled: SettledClaim[] = [];
    const payloads = new Map<string, Hex>();
    if (from > to) return { batches, claims, settled };
    const logs = await this.#l1.logs({ addresses: [this.#inbox, this.#claims], from, to });
    for (const log of logs) {
      const event = decode(log, log.address.toLowerCase() === this.#inbox);
      if (event?.eventName === "BatchData") payloads.set(payloadKey(log, event.args.batchIndex), event.args.payload);
    }
    for (const log of logs) {
      const place = {
        l1BlockNumber: log.blockNumber,
        l1BlockHash: log.blockHash,
        transactionHash: log.transactionHash,
      };
      const event = decode(log, log.address.toLowerCase() === this.#inbox);
      if (event?.eventName === "BatchPosted") {
        const { header, versionedHashes, batchIndex } = event.args;
        const payload = payloads.get(payloadKey(log, batchIndex));
        batches.push({ ...place, header, batchHash: batchHash(header), versionedHashes, payload });
      } else if (event?.eventName === "ClaimPosted") claims.push({ ...place, ...event.args });
      else if (event?.eventName === "ClaimSettled") settled.push({ ...place, ...event.args });
    }
    return { batches, claims, settled };
  }
}

const payloadKey = (log: L1Log, batchIndex: bigint): string => `${log.blockHash}/${log.transactionHash}/${batchIndex}`;

/** The event behind a log; nothing for events a node does not read. */
function decode(log: L1Log, ofInbox: boolean) {
  const place = { data: log.data, topics: log.topics as [Hash, ...Hash[]] };
  try {
    return ofInbox
      ? decodeEventLog({ abi: batchInboxAbi, ...place })
      : decodeEventLog({ abi: stateClaimsAbi, ...place });
  } catch {
    return undefined;
  }
}
