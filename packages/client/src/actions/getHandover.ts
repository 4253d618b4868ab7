import { batchInboxAbi, emergencyHandoverAbi, lockingPoolAbi } from "@metis/protocol/contracts";
import { parseEventLogs, type Address, type Hash } from "viem";
import { getBlock, getLogs, readContract } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import type { ReaderLike } from "../utils/send.ts";
import { stakingContracts } from "../utils/staking.ts";

export interface GetHandoverParameters {
  readonly contracts: Pick<MetisL1Contracts, "batchInbox" | "systemConfig">;
}
/** A member of the set in force. */
export interface HandoverMember {
  readonly signer: Address;
  /** METIS wei. */
  readonly weight: bigint;
  /** L1 time of its last heartbeat; 0: none. */
  readonly lastSeen: bigint;
  /** Seconds since its last sign of life: a heartbeat, or a batch, which is one of everybody. */
  readonly silentFor: number;
}
/** How far the way back below two thirds is open (docs/spec/below-two-thirds.md). Weights in METIS wei, times in seconds. */
export interface GetHandoverReturnType {
  readonly phase: "live" | "leaking" | "announced" | "ready";
  readonly generation: number;
  /** Since the last certified batch or handover. */
  readonly silentFor: number;
  readonly presentWeight: bigint;
  /** Of all members, after decay. */
  readonly countedWeight: bigint;
  readonly totalWeight: bigint;
  /** Whether L1 lets the present take over from the rest now. */
  readonly hasCause: boolean;
  /** Until the handover may be carried out; absent when none is announced. */
  readonly secondsLeft: number | undefined;
  /** The block that the next generation builds on, so far. */
  readonly pin: { readonly number: bigint; readonly hash: Hash } | undefined;
  readonly members: readonly HandoverMember[];
  /** Seconds of silence from which on a member's weight decays. */
  readonly leakStart: number;
  /** Seconds of silence at which it has decayed to nothing. */
  readonly silenceLimit: number;
}
/** What viem throws when the endpoint does not answer. */
export type GetHandoverErrorType = Error;

/**
 * Whether a pool that lost a third of its weight can be handed over to those who are left.
 *
 * @example
 * const { phase, hasCause } = await l1Client.getHandover();
 */
export async function getHandover(
  client: ReaderLike,
  { contracts }: GetHandoverParameters,
): Promise<GetHandoverReturnType> {
  const { emergencyHandover, lockingPool } = await stakingContracts(client, contracts);
  const rescue = { address: emergencyHandover, abi: emergencyHandoverAbi } as const;
  const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
  const [{ timestamp: now }, since, limits, [announcement, pinned], epoch, generation] = await Promise.all([
    getBlock(client),
    readContract(client, { ...rescue, functionName: "silentSince" }),
    readContract(client, { ...rescue, functionName: "parameters" }),
    readContract(client, { ...rescue, functionName: "announced" }),
    readContract(client, { ...inbox, functionName: "nextEpoch" }),
    readContract(client, { ...inbox, functionName: "generation" }),
  ]);
  const set = await membersInForce(client, { emergencyHandover, lockingPool, epoch, generation });
  const [{ presentWeight, countedWeight, totalWeight, seats }, seen] = await Promise.all([
    readContract(client, { ...rescue, functionName: "presenceOf", args: [set] }),
    Promise.all(set.map(({ signer }) => readContract(client, { ...rescue, functionName: "lastSeen", args: [signer] }))),
  ]);
  const isAnnounced = announcement.readyAt > 0n;
  const left = announcement.readyAt > now ? Number(announcement.readyAt - now) : 0;
  const quiet = now < since + BigInt(limits.leakStart) ? "live" : "leaking";
  return {
    phase: isAnnounced ? (left > 0 ? "announced" : "ready") : quiet,
    generation,
    silentFor: Number(now - since),
    presentWeight,
    countedWeight,
    totalWeight,
    hasCause:
      presentWeight * 3n <= totalWeight * 2n &&
      presentWeight * 3n > countedWeight * 2n &&
      seats >= BigInt(limits.minSeats),
    secondsLeft: isAnnounced ? left : undefined,
    pin: pinned.number > 0n ? { number: pinned.number, hash: pinned.blockHash } : undefined,
    members: set.map(({ signer, weight }, i) => {
      const lastSeen = seen[i]!;
      return { signer, weight, lastSeen, silentFor: Number(now - (lastSeen > since ? lastSeen : since)) };
    }),
    leakStart: limits.leakStart,
    silenceLimit: limits.silenceLimit,
  };
}

interface SetInForce {
  readonly emergencyHandover: Address;
  readonly lockingPool: Address;
  readonly epoch: bigint;
  readonly generation: number;
}

/** The set of the next batch, from the event that made it. */
async function membersInForce(client: ReaderLike, { emergencyHandover, lockingPool, epoch, generation }: SetInForce) {
  const rescue = { address: emergencyHandover, abi: emergencyHandoverAbi } as const;
  const [setHash] = await readContract(client, { ...rescue, functionName: "setFor", args: [epoch, generation] });
  const frozen = await readContract(client, {
    address: lockingPool,
    abi: lockingPoolAbi,
    functionName: "frozenSetOf",
    args: [epoch],
  });
  const logsAt = (address: Address, block: bigint) => getLogs(client, { address, fromBlock: block, toBlock: block });
  if (frozen.setHash === setHash) {
    const logs = await logsAt(lockingPool, BigInt(frozen.blockNumber));
    const found = parseEventLogs({ abi: lockingPoolAbi, eventName: "EpochFrozen", logs });
    return found.find(({ args }) => args.setHash === setHash)?.args.members ?? [];
  }
  const count = await readContract(client, { ...rescue, functionName: "handoverCount" });
  const last = await readContract(client, { ...rescue, functionName: "handoverAt", args: [count - 1n] });
  const logs = await logsAt(emergencyHandover, last.blockNumber);
  const [event] = parseEventLogs({ abi: emergencyHandoverAbi, eventName: "HandedOver", logs });
  return event?.args.members ?? [];
}
