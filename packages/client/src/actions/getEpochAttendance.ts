import type { Withdrawal } from "@metis/protocol";
import { emissionReserveAbi as abi } from "@metis/protocol/contracts";
import { hexToBigInt, numberToHex, zeroHash, type Address, type Hash, type Hex } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "../utils/send.ts";
import { stakingContracts, type StakingRoot } from "../utils/staking.ts";
import type { LoggedWithdrawal } from "../utils/withdrawals.ts";

export interface GetEpochAttendanceParameters {
  readonly contracts: StakingRoot;
  readonly epoch: bigint;
  /** Any node of Metis; what it says of a report is checked by L1 when it is brought there. */
  readonly l2Client: ReaderLike;
}

export interface EpochAttendance {
  readonly epoch: bigint;
  /**
   * counting: blocks of it may still be counted; unreported: `reportEpoch` is next; reported: its message waits for a batch, a settled
   * claim and `finalizeWithdrawal`; arrived: `distributeRewards` is next; empty: nothing was counted, nothing is paid.
   */
  readonly status: "counting" | "empty" | "unreported" | "reported" | "arrived" | "paid";
  readonly blocks: bigint;
  /** As MetisSequencerSet and EmissionReserve have them. */
  readonly words: readonly bigint[];
  /** Blocks; in the order of the epoch's set. */
  readonly members: readonly {
    readonly signer: Address;
    readonly weight: bigint;
    readonly proposed: bigint;
    readonly attested: bigint;
  }[];
  /** The message to L1, once its block is in a batch. */
  readonly withdrawal: LoggedWithdrawal | undefined;
}
/** Absent: the epoch has not begun. */
export type GetEpochAttendanceReturnType = EpochAttendance | undefined;
/** What viem throws when an endpoint does not answer. */
export type GetEpochAttendanceErrorType = Error;

interface Wire {
  readonly currentEpoch: Hex;
  readonly blocks: Hex;
  readonly words: readonly Hex[];
  readonly isReported: boolean;
  readonly members: readonly { signer: Address; weight: Hex; proposed: Hex; attested: Hex }[];
  readonly report?: {
    readonly blockNumber: Hex;
    readonly withdrawalHash: Hash;
    readonly withdrawal: { readonly [Name in keyof Withdrawal]: Hex };
  };
}
interface AttendanceMethod {
  readonly Method: "rollup_epochAttendance";
  readonly Parameters: [Hex];
  readonly ReturnType: Wire | null;
}

/**
 * What the members of the pool did in an epoch, and how far its rewards are.
 *
 * @example
 * const attendance = await l1Client.getEpochAttendance({ epoch: 7n, l2Client });
 */
export async function getEpochAttendance(
  client: ReaderLike,
  { contracts, epoch, l2Client }: GetEpochAttendanceParameters,
): Promise<GetEpochAttendanceReturnType> {
  const params: [Hex] = [numberToHex(epoch)];
  const wire = await l2Client.request<AttendanceMethod>({ method: "rollup_epochAttendance", params });
  if (wire === null) return undefined;
  const { emissionReserve: address } = await stakingContracts(client, contracts);
  const [isPaid, arrived] = await Promise.all([
    readContract(client, { address, abi, functionName: "distributed", args: [epoch] }),
    readContract(client, { address, abi, functionName: "attendanceHashOf", args: [epoch] }),
  ]);
  const isOpen = hexToBigInt(wire.currentEpoch) < epoch + 2n;
  const blocks = hexToBigInt(wire.blocks);
  const onL2 = isOpen ? "counting" : blocks === 0n ? "empty" : wire.isReported ? "reported" : "unreported";
  return {
    epoch,
    status: isPaid ? "paid" : arrived === zeroHash ? onL2 : "arrived",
    blocks,
    words: wire.words.map((word) => hexToBigInt(word)),
    members: wire.members.map(({ signer, weight, proposed, attested }) => ({
      signer,
      weight: hexToBigInt(weight),
      proposed: hexToBigInt(proposed),
      attested: hexToBigInt(attested),
    })),
    withdrawal: wire.report && loggedOf(wire.report),
  };
}

function loggedOf({ blockNumber, withdrawalHash, withdrawal }: NonNullable<Wire["report"]>): LoggedWithdrawal {
  const { nonce, sender, target, value, gasLimit, data } = withdrawal;
  return {
    nonce: hexToBigInt(nonce),
    sender,
    target,
    value: hexToBigInt(value),
    gasLimit: hexToBigInt(gasLimit),
    data,
    withdrawalHash,
    l2BlockNumber: hexToBigInt(blockNumber),
  };
}
