import { encodeFunctionData, type Hash } from "viem";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";
import { delegatingAbi as abi, stakingContracts, type StakingRoot } from "../utils/staking.ts";

export interface UndelegateStakeParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly seatId: bigint;
  /** What `getDelegation` shows; a share is worth a METIS wei until the seat is slashed. */
  readonly shares: bigint;
  /** The seat that it goes on to when its exit is over; absent: it is claimed. */
  readonly toSeatId?: bigint;
}
/** Hash of the L1 transaction. */
export type UndelegateStakeReturnType = Hash;
/** `ClientError`: no-account, contract-refused. */
export type UndelegateStakeErrorType = Error;

/**
 * Puts delegated stake into the exit queue, to be claimed, or to go on to another seat.
 *
 * @example
 * const { shares } = await l1Client.getDelegation({ seatId: 3n, delegator: account.address });
 * const hash = await l1Wallet.undelegateStake({ seatId: 3n, shares });
 */
export async function undelegateStake(
  client: WalletLike,
  { contracts, seatId, shares, toSeatId, ...options }: UndelegateStakeParameters,
): Promise<UndelegateStakeReturnType> {
  const { delegation } = await stakingContracts(client, contracts);
  const functionName = toSeatId === undefined ? "undelegate" : "redelegate";
  const data =
    toSeatId === undefined
      ? encodeFunctionData({ abi, functionName: "undelegate", args: [seatId, shares] })
      : encodeFunctionData({ abi, functionName: "redelegate", args: [seatId, toSeatId, shares] });
  return send(client, { ...options, to: delegation, data, abi, functionName });
}
