import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface UnjailParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
}
/** Hash of the L1 transaction. */
export type UnjailReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type UnjailErrorType = Error;

/**
 * Puts a jailed seat back in line, when its time is over. The owner calls.
 *
 * @example
 * const hash = await l1Wallet.unjail({ seatId: 3n });
 */
export async function unjail(
  client: WalletLike,
  { contracts, seatId, ...options }: UnjailParameters,
): Promise<UnjailReturnType> {
  const { lockingPool } = await stakingContracts(client, contracts);
  const functionName = "unjail";
  const data = encodeFunctionData({ abi, functionName, args: [seatId] });
  return send(client, { ...options, to: lockingPool, data, abi, functionName });
}
