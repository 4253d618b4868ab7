import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface FreezeEpochParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** Of L2: see `getPool`. */
  readonly epoch: bigint;
}
/** Hash of the L1 transaction. */
export type FreezeEpochReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type FreezeEpochErrorType = Error;

/**
 * Fixes the set of an epoch, in the first half of the L1 blocks of the epoch before. Anyone may.
 *
 * @example
 * const hash = await l1Wallet.freezeEpoch({ epoch: (await l1Client.getPool()).next.epoch });
 */
export async function freezeEpoch(
  client: WalletLike,
  { contracts, epoch, ...options }: FreezeEpochParameters,
): Promise<FreezeEpochReturnType> {
  const { lockingPool } = await stakingContracts(client, contracts);
  const functionName = "freeze";
  const data = encodeFunctionData({ abi, functionName, args: [epoch] });
  return send(client, { ...options, to: lockingPool, data, abi, functionName });
}
