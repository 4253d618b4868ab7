import type { Address } from "viem";
import { getBlock, readContract } from "viem/actions";
import { refusal, type ReaderLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface GetExitParameters {
  readonly contracts: StakingRoot;
  readonly exitId: bigint;
}

/** Stake on its way out. */
export interface StakeExit {
  readonly exitId: bigint;
  readonly owner: Address;
  /** METIS wei that a claim pays now; zero once claimed. */
  readonly amount: bigint;
  /**
   * - `queued`: the set that no longer counts it is not frozen yet;
   * - `waiting`: the exit delay runs;
   * - `unsettled`: a batch of an epoch that it served is not settled;
   * - `claimable`, `claimed`, and `slashed`: nothing is left.
   */
  readonly state: "queued" | "waiting" | "unsettled" | "claimable" | "claimed" | "slashed";
  /** Of L1's clock; absent while queued. */
  readonly claimableAt?: bigint;
  /** Zero when only settlement is waited for; absent while queued. */
  readonly secondsLeft?: number;
}

export type GetExitReturnType = StakeExit;
/** `ClientError`: contract-refused (UnknownExit). */
export type GetExitErrorType = Error;

/**
 * Where an exit stands.
 *
 * @example
 * const { state, secondsLeft } = await l1Client.getExit({ exitId: 1n });
 */
export async function getExit(
  client: ReaderLike,
  { contracts, exitId }: GetExitParameters,
): Promise<GetExitReturnType> {
  const { lockingPool: address } = await stakingContracts(client, contracts);
  const [exit] = await readExits(client, address, [exitId]).catch((error: unknown) => {
    throw refusal(error, { abi, address, functionName: "exitOf" });
  });
  return exit!;
}

/** Exits by their ids, in that order. */
export async function readExits(
  client: ReaderLike,
  lockingPool: Address,
  exitIds: readonly bigint[],
): Promise<readonly StakeExit[]> {
  if (exitIds.length === 0) return [];
  const { timestamp: now } = await getBlock(client);
  return Promise.all(
    exitIds.map(async (exitId) => {
      const exit = await readContract(client, { address: lockingPool, abi, functionName: "exitOf", args: [exitId] });
      const { owner, amount, claimableAt, claimed, settled } = exit;
      if (claimed) return { exitId, owner, amount, state: "claimed" };
      if (claimableAt === 0n) return { exitId, owner, amount, state: amount === 0n ? "slashed" : "queued" };
      const secondsLeft = claimableAt > now ? Number(claimableAt - now) : 0;
      const ripe = secondsLeft > 0 ? "waiting" : settled ? "claimable" : "unsettled";
      return { exitId, owner, amount, state: amount === 0n ? "slashed" : ripe, claimableAt, secondsLeft };
    }),
  );
}
