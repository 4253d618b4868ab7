import { lockingInfoAbi, systemConfigAbi } from "@metis/protocol/contracts";
import { parseEventLogs, type Address, type Hash } from "viem";
import { getBlock, getLogs, readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetPoolParameters {
  readonly contracts: StakingRoot;
}

export interface PoolMember {
  readonly seatId: bigint;
  readonly signer: Address;
  /** METIS wei, capped. */
  readonly weight: bigint;
}
/** Members strictly ascending by signer, as certificates list them. */
export interface PoolSet {
  readonly epoch: bigint;
  readonly setHash: Hash;
  readonly totalWeight: bigint;
  readonly members: readonly PoolMember[];
}
export interface GetPoolReturnType {
  readonly l1Block: bigint;
  /** L1 blocks in an epoch. */
  readonly epochLength: number;
  /** That L1's head belongs to; batches follow. */
  readonly epoch: bigint;
  /** Anyone with the stake may take a seat. */
  readonly permissionless: boolean;
  /** METIS wei in the escrow. */
  readonly totalLocked: bigint;
  /** Serves the epoch; frozen for it or for an earlier one. */
  readonly current: PoolSet;
  /** Frozen already for the epoch after. */
  readonly upcoming: PoolSet | undefined;
  /** What a freeze would store now, and the L1 blocks in which it may be made. Members may change until then. */
  readonly next: PoolSet & { readonly firstBlock: bigint; readonly lastBlock: bigint };
  /** Seats in line that the next set has no place for. */
  readonly waiting: readonly bigint[];
  readonly limits: StakingLimits;
}
/** Amounts in METIS wei, times in seconds. */
export interface StakingLimits {
  readonly minLock: bigint;
  readonly maxLock: bigint;
  readonly ejectionBelow: bigint;
  readonly exitDelay: number;
  readonly maxSeats: number;
}
/** What viem throws when the endpoint does not answer. */
export type GetPoolErrorType = Error;

/**
 * Who signs in this epoch, who in the next, and when that is fixed.
 *
 * @example
 * const { current, next } = await l1Client.getPool();
 */
export async function getPool(client: ReaderLike, { contracts }: GetPoolParameters): Promise<GetPoolReturnType> {
  const { lockingPool, lockingInfo } = await stakingContracts(client, contracts);
  const pool = { address: lockingPool, abi } as const;
  const system = { address: contracts.systemConfig, abi: systemConfigAbi } as const;
  const { number: l1Block } = await getBlock(client);
  const [rules, limits, permissionless, line, [nextHash, nextWeight, nextMembers], window] = await Promise.all([
    readContract(client, { ...system, functionName: "chainRules" }),
    readContract(client, { ...system, functionName: "stakingParameters" }),
    readContract(client, { ...pool, functionName: "permissionless" }),
    readContract(client, { ...pool, functionName: "line" }),
    readContract(client, { ...pool, functionName: "nextSet" }),
    readContract(client, { ...pool, functionName: "freezeWindow" }),
  ]);
  const totalLocked = await readContract(client, {
    address: lockingInfo,
    abi: lockingInfoAbi,
    functionName: "totalLocked",
  });
  const epoch = (l1Block - rules.genesisAnchorNumber) / BigInt(rules.epochLength);
  const [nextEpoch, firstBlock, lastBlock] = window;
  const seatOf = (signer: Address) => readContract(client, { ...pool, functionName: "seqSigners", args: [signer] });
  const named = (members: readonly { readonly signer: Address; readonly weight: bigint }[]): Promise<PoolMember[]> =>
    Promise.all(members.map(async ({ signer, weight }) => ({ seatId: await seatOf(signer), signer, weight })));
  const frozen = async (of: bigint): Promise<PoolSet> => {
    const set = await readContract(client, { ...pool, functionName: "frozenSetOf", args: [of] });
    const block = BigInt(set.blockNumber);
    const logs = await getLogs(client, { address: lockingPool, fromBlock: block, toBlock: block });
    const [log] = parseEventLogs({ abi, eventName: "EpochFrozen", args: { epoch: BigInt(set.epoch) }, logs });
    const { setHash, totalWeight } = set;
    return { epoch: BigInt(set.epoch), setHash, totalWeight, members: await named(log?.args.members ?? []) };
  };
  const [current, following, members] = await Promise.all([frozen(epoch), frozen(epoch + 1n), named(nextMembers)]);
  const chosen = new Set(members.map(({ seatId }) => seatId));
  const { minLock, maxLock, ejectionBelow, exitDelay, maxSeats } = limits;
  return {
    l1Block,
    epochLength: rules.epochLength,
    epoch,
    permissionless,
    totalLocked,
    current,
    upcoming: following.epoch === epoch + 1n ? following : undefined,
    next: { epoch: nextEpoch, setHash: nextHash, totalWeight: nextWeight, members, firstBlock, lastBlock },
    waiting: line.filter((seatId) => !chosen.has(seatId)),
    limits: { minLock, maxLock, ejectionBelow, exitDelay, maxSeats },
  };
}
