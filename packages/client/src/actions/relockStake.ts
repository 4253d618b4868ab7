import { encodeFunctionData, type Hash } from "viem";
import { actingAccount, send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";
import { ensureAllowance } from "./ensureAllowance.ts";

export interface RelockStakeParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  /** METIS wei to add. */
  readonly amount: bigint;
}
/** Hash of the L1 transaction. */
export type RelockStakeReturnType = Hash;
/** `ClientError`: no-account, contract-refused, transaction-reverted (of the approval). */
export type RelockStakeErrorType = Error;

/**
 * Adds to a seat's own stake; the next frozen set counts it.
 *
 * @example
 * const hash = await l1Wallet.relockStake({ seatId: 3n, amount: parseEther("5000") });
 */
export async function relockStake(
  client: WalletLike,
  parameters: RelockStakeParameters,
): Promise<RelockStakeReturnType> {
  const { seatId, amount } = parameters;
  const account = actingAccount(client, parameters);
  const { lockingPool, lockingInfo, metisToken } = await stakingContracts(client, parameters.contracts);
  await ensureAllowance(client, { account, token: metisToken, spender: lockingInfo, amount });
  const functionName = "relock";
  const data = encodeFunctionData({ abi, functionName, args: [seatId, amount] });
  return send(client, { account, to: lockingPool, data, abi, functionName });
}
