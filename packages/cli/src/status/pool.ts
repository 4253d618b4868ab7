import {
  getPool,
  getPoolStatus,
  getSeat,
  type PoolEmergency,
  stakingAbi,
  stakingContracts,
  type PoolStatus,
  type Seat,
  type StakeExit,
} from "@metis/client";
import { BaseError, MethodNotFoundRpcError, getAddress, type Address } from "viem";
import { readContract } from "viem/actions";
import { showSeconds } from "../amounts.ts";
import { unlessAway } from "../bridge/outage.ts";
import { columns } from "../io.ts";
import type { L1Network, Network } from "../network.ts";
import { exitSentence, roleOf, type SeatRole } from "../stake/standing.ts";

/** A node's seat as L1 has it. */
export interface OwnSeat extends SeatRole {
  readonly seatId: bigint;
  readonly exits: readonly StakeExit[];
}

export interface PoolReport extends PoolStatus {
  /** Null: the node's key signs for no seat. Undefined: L1 does not answer. */
  readonly seat: OwnSeat | null | undefined;
}

/** Undefined: the node holds no seat, or is older than seats are. */
export async function readPool(network: Network): Promise<PoolReport | undefined> {
  const status = await getPoolStatus(network.l2).catch((error: unknown) => {
    if (error instanceof BaseError && error.walk((cause) => cause instanceof MethodNotFoundRpcError)) return null;
    throw error;
  });
  return status === null ? undefined : { ...status, seat: await unlessAway(ownSeat(network, status.self)) };
}

/** The seat that a key signs for, or signed for once; 0: none. */
export async function seatOfSigner({ l1, contracts }: L1Network, signer: Address): Promise<bigint> {
  const { lockingPool: address } = await stakingContracts(l1, contracts);
  return readContract(l1, { address, abi: stakingAbi, functionName: "seqSigners", args: [signer] });
}

async function ownSeat(network: L1Network, signer: Address): Promise<OwnSeat | null> {
  const { l1, contracts } = network;
  const seatId = await seatOfSigner(network, signer);
  const [seat, pool] = await Promise.all([getSeat(l1, { contracts, seatId }), getPool(l1, { contracts })]);
  return seat ? { seatId, ...roleOf(seat, pool), exits: openExits(seat) } : null;
}

const openExits = ({ exits }: Seat): readonly StakeExit[] => exits.filter(({ state }) => state !== "claimed");

function seatSentence({ seat, self }: PoolReport): string {
  if (seat === undefined) return `unknown while L1 does not answer: the one of ${getAddress(self)}`;
  return seat ? `${seat.seatId}: ${seat.sentence}` : `the key of ${getAddress(self)} signs for no seat on L1`;
}

/** Rows about the pool as a whole and this node in it. */
export function poolRows(pool: PoolReport): (readonly [string, string])[] {
  const {
    engine,
    height,
    round,
    leader,
    self,
    halted,
    signedAge,
    missedTurns,
    signingFailures,
    calendar,
    seat,
    emergency,
  } = pool;
  const [last] = pool.blocks;
  const next = calendar.find((turn) => turn.leader === self && (height === null || turn.from > height));
  return [
    ["pool", `${engine} engine${height === null ? "" : `, height ${height}, round ${round}`}`],
    ["leads now", leader === self ? `${getAddress(leader)}, this node` : getAddress(leader)],
    ...(next ? [["leads next", `this node at height ${next.from}, for ${next.heights} heights`] as const] : []),
    ["last signed", `${showSeconds(signedAge)} ago${last ? ` by ${last.signers.length} members` : ""}`],
    ...(halted === null ? [] : [["halted", halted] as const]),
    ...(emergency && emergency.phase !== "live" ? [["emergency", emergencySentence(emergency)] as const] : []),
    ["this seat", seatSentence(pool)],
    ["missed here", `${missedTurns} turns; ${signingFailures} times not signed, since the node's start`],
    ...(seat?.exits ?? []).map((exit) => [`exit ${exit.exitId}`, exitSentence(exit)] as const),
  ];
}

/** `part` of `whole`, for people. */
export const percent = (part: bigint, whole: bigint): string => `${(Number((part * 1000n) / whole) / 10).toFixed(1)} %`;

/** Where a pool stands that L1 has not heard of for long, and what its operator can do. */
export function emergencySentence({ phase, silentFor, pinned, ...weights }: PoolEmergency): string {
  const { presentWeight, countedWeight, totalWeight } = weights;
  const silent = `no batch for ${showSeconds(silentFor)}; ${percent(presentWeight, totalWeight)} of the weight is there`;
  switch (phase) {
    case "leaking":
      return `${silent}, what counts of all has fallen to ${percent(countedWeight, totalWeight)}. Bring seats back; else those who are there take over`;
    case "announced":
      return `${silent}. A handover is announced${pinned ? `, block ${pinned} is pinned` : ""}: a seat that comes back now stops it`;
    case "ready":
      return `${silent}. The handover may be carried out; nodes do it by themselves`;
    case "live":
      return silent;
    default:
      return phase satisfies never;
  }
}

/** One line a member. */
export function memberTable({ members, self, calendar }: PoolReport): string {
  const total = members.reduce((sum, { weight }) => sum + weight, 0n);
  const turnOf = (signer: Address): string => {
    const turn = calendar.find(({ leader }) => leader === signer);
    return turn ? `${turn.from}` : "-";
  };
  const link = ({ signer, connected, absent }: PoolReport["members"][number]): string =>
    signer === self ? "this node" : `${connected ? "linked" : "away"}${absent ? ", passed its turn" : ""}`;
  return columns([
    ["member", "weight", "link", "signed", "missed", "next turn"],
    ...members.map((member) => [
      getAddress(member.signer),
      `${(Number((member.weight * 1000n) / total) / 10).toFixed(1)} %`,
      link(member),
      `${member.signed} of ${member.of}`,
      `${member.missedTurns}`,
      turnOf(member.signer),
    ]),
  ]);
}
