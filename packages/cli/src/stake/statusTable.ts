import type { GetPoolReturnType, PoolMemberRecord, PoolRewards, Seat, SeatSlash, StakeExit } from "@metis/client";
import { formatEther, type Address } from "viem";
import { columns, table } from "../io.ts";
import { exitSentence, weightIn, type SeatRole } from "./standing.ts";

type Pool = GetPoolReturnType;

/** A seat with all that is known of it. */
export interface ToldSeat extends Seat, SeatRole {
  readonly weightNow: bigint | undefined;
  /** The key in the set of this epoch; another one after a change. */
  readonly signerNow: Address | undefined;
  /** What it did in the last epochs; null: it is not in the present set, or L2 was not asked. */
  readonly record: Pick<PoolMemberRecord, "blocks" | "proposed" | "attested" | "uptime" | "apr"> | null;
  /** Oldest first. */
  readonly slashes: readonly SeatSlash[];
}

export interface ToldStatus {
  readonly pool: Pool;
  readonly seats: readonly ToldSeat[];
  /** Those of them that were asked for. */
  readonly details: readonly ToldSeat[];
  readonly exits: readonly StakeExit[];
  readonly rewards: PoolRewards | undefined;
}

/** The pool, a line a seat that fits 80 columns, and all about those that were asked for. */
export function statusLines({ pool, seats, details, exits, rewards }: ToldStatus): readonly string[] {
  const others = exits.filter(
    ({ exitId }) => !details.some((seat) => seat.exits.some((exit) => exit.exitId === exitId)),
  );
  const unusual = seats.filter((seat) => seat.role !== "active" && !details.includes(seat));
  return [
    table(poolRows(pool), ""),
    "",
    seatTable(seats, pool),
    ...unusual.map(({ seatId, sentence }) => `seat ${seatId}: ${sentence}`),
    recordsSentence(rewards),
    ...details.flatMap((seat) => ["", table(seatRows(seat, pool), "")]),
    ...(others.length > 0 ? ["", table(exitRows(others), "")] : []),
  ];
}

function recordsSentence(rewards: PoolRewards | undefined): string {
  if (!rewards) return "for uptime and APR, give a node that answers: --l2-rpc";
  const { firstEpoch, epoch } = rewards;
  if (firstEpoch === epoch) return "uptime and APR are known when the first epoch is over";
  return `uptime and APR (before commission) of epochs ${firstEpoch} to ${epoch - 1n}`;
}

function poolRows(pool: Pool): (readonly [string, string])[] {
  const { l1Block, epoch, epochLength, current, upcoming, next, permissionless, totalLocked, limits } = pool;
  const opens = next.firstBlock > l1Block ? `, in ${next.firstBlock - l1Block} blocks` : ": now";
  return [
    ["L1 block", `${l1Block}`],
    ["epoch", `${epoch} (${epochLength} L1 blocks each)`],
    ["staked", `${formatEther(totalLocked)} METIS`],
    ["set", `${current.members.length} seats, frozen for epoch ${current.epoch}`],
    ...(upcoming
      ? [["set after it", `${upcoming.members.length} seats, frozen for epoch ${upcoming.epoch}`] as const]
      : []),
    ["next freeze", `of epoch ${next.epoch}, in L1 blocks ${next.firstBlock} to ${next.lastBlock}${opens}`],
    ["admission", permissionless ? "open to all" : "by the admission list"],
    [
      "a seat takes",
      `${formatEther(limits.minLock)} to ${formatEther(limits.maxLock)} METIS; ${limits.maxSeats} seats in a set`,
    ],
  ];
}

const percent = (value: number | null | undefined): string =>
  value === null || value === undefined ? "-" : `${value.toFixed(1)} %`;

const share = (weight: bigint | undefined, total: bigint): string =>
  percent(weight === undefined ? undefined : Number((weight * 10_000n) / total) / 100);

const inMetis = (amount: bigint): string => `${formatEther(amount)} METIS`;

const short = (address: Address): string => `${address.slice(0, 8)}…${address.slice(-4)}`;

function seatTable(seats: readonly ToldSeat[], { current, next }: Pool): string {
  return columns([
    ["seat", "signer", "share", "next", "uptime", "APR", "slashed", ""],
    ...seats.map(({ seatId, signer, weightNow, record, slashes, role }) => [
      `${seatId}`,
      short(signer),
      share(weightNow, current.totalWeight),
      share(weightIn(next, seatId), next.totalWeight),
      percent(record?.uptime),
      percent(record?.apr),
      slashes.length === 0 ? "never" : slashes.length === 1 ? "once" : `${slashes.length} times`,
      role,
    ]),
  ]);
}

function seatRows(seat: ToldSeat, { current }: Pool): (readonly [string, string])[] {
  return [
    ["seat", `${seat.seatId}: ${seat.sentence}`],
    ["owner", seat.owner],
    ["signer", seat.signer],
    ...(seat.signerNow === undefined || seat.signerNow === seat.signer
      ? []
      : [["signs now", `${seat.signerNow}, until a set with the new key begins`] as const]),
    ["rewards to", seat.rewardRecipient],
    ["own stake", inMetis(seat.own)],
    ["delegated", inMetis(seat.delegated)],
    ["leaving", inMetis(seat.exiting)],
    ...(seat.weightNow === undefined
      ? []
      : [["weight", `${inMetis(seat.weightNow)}, ${share(seat.weightNow, current.totalWeight)}`] as const]),
    ...recordRows(seat),
    ...seat.slashes.map((slash) => [`slash ${slash.slashId}`, slashSentence(slash)] as const),
    ...exitRows(seat.exits.filter(({ state }) => state !== "claimed")),
  ];
}

function recordRows({ record }: ToldSeat): (readonly [string, string])[] {
  if (!record || record.uptime === null) return [];
  const { uptime, attested, blocks, proposed, apr } = record;
  return [
    ["uptime", `${percent(uptime)}: attested ${attested} of ${blocks} blocks, proposed ${proposed}`],
    ["APR", `${percent(apr)} before commission`],
  ];
}

const slashSentence = ({ own, delegated, exiting, offence, state }: ToldSeat["slashes"][number]): string =>
  `${inMetis(own + delegated + exiting)} for ${offence}, now ${state}`;

const exitRows = (exits: readonly StakeExit[]): (readonly [string, string])[] =>
  exits.map((exit) => [`exit ${exit.exitId}`, `${formatEther(exit.amount)} METIS, ${exitSentence(exit)}`]);
