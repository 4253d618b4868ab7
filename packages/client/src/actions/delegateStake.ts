import { encodeFunctionData, type Hash } from "viem";
import { actingAccount, send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";
import { ensureAllowance } from "./ensureAllowance.ts";

export interface DelegateStakeParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  /** METIS wei. */
  readonly amount: bigint;
}
/** Hash of the L1 transaction. */
export type DelegateStakeReturnType = Hash;
/** `ClientError`: no-account, contract-refused, transaction-reverted (of the approval). */
export type DelegateStakeErrorType = Error;

/**
 * Puts METIS behind a seat; approves the escrow first when its allowance is too small.
 *
 * @example
 * const hash = await l1Wallet.delegateStake({ seatId: 3n, amount: parseEther("100") });
 */
export async function delegateStake(
  client: WalletLike,
  parameters: DelegateStakeParameters,
): Promise<DelegateStakeReturnType> {
  const { seatId, amount } = parameters;
  const account = actingAccount(client, parameters);
  const { delegation, lockingInfo, metisToken } = await stakingContracts(client, parameters.contracts);
  await ensureAllowance(client, { account, token: metisToken, spender: lockingInfo, amount });
  const functionName = "delegate";
  const data = encodeFunctionData({ abi, functionName, args: [seatId, amount] });
  return send(client, { account, to: delegation, data, abi, functionName });
}
