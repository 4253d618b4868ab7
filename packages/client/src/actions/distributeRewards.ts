import { emissionReserveAbi as abi } from "@metis/protocol/contracts";
import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";
import type { EpochAttendance } from "./getEpochAttendance.ts";

export interface DistributeRewardsParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** What has arrived on L1; with another one the contract refuses. */
  readonly attendance: Pick<EpochAttendance, "epoch" | "members" | "blocks" | "words">;
}
/** Hash of the L1 transaction. */
export type DistributeRewardsReturnType = Hash;
/** `ClientError`: no-account, contract-refused (WrongAttendance, AlreadyDistributed, WrongSet). */
export type DistributeRewardsErrorType = Error;

/**
 * Pays an epoch's rewards to the seats and those who delegated to them. Anyone may, once; seats do it by themselves.
 *
 * @example
 * const hash = await l1Wallet.distributeRewards({ attendance });
 */
export async function distributeRewards(
  client: WalletLike,
  { contracts, attendance, ...options }: DistributeRewardsParameters,
): Promise<DistributeRewardsReturnType> {
  const { emissionReserve } = await stakingContracts(client, contracts);
  const { epoch, blocks, words } = attendance;
  const members = attendance.members.map(({ signer, weight }) => ({ signer, weight }));
  const functionName = "distribute";
  const data = encodeFunctionData({ abi, functionName, args: [epoch, members, blocks, words] });
  return send(client, { ...options, to: emissionReserve, data, abi, functionName });
}
