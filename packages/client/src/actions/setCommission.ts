import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface SetCommissionParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  /** Of the delegators' rewards, in hundredths of a percent. */
  readonly commission: number;
}
/** Hash of the L1 transaction. */
export type SetCommissionReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type SetCommissionErrorType = Error;

/**
 * Sets what a seat's owner takes of its delegators' rewards, from the next epoch that is not frozen.
 *
 * @example
 * const hash = await l1Wallet.setCommission({ seatId: 3n, commission: 500 });
 */
export async function setCommission(
  client: WalletLike,
  { contracts, seatId, commission, ...options }: SetCommissionParameters,
): Promise<SetCommissionReturnType> {
  const { delegation } = await stakingContracts(client, contracts);
  const functionName = "setCommission";
  const data = encodeFunctionData({ abi, functionName, args: [seatId, commission] });
  return send(client, { ...options, to: delegation, data, abi, functionName });
}
