import { findSeat, getPool, getSeat, type GetPoolReturnType, type Seat, type StakeExit } from "@metis/client";
import { formatEther, type Address } from "viem";
import { parseAddress } from "../addresses.ts";
import { showSeconds } from "../amounts.ts";
import { CliError, UsageError, columns, table, toJson, type Io } from "../io.ts";
import { openL1, type L1Network, type NetworkFlags } from "../network.ts";

export interface StatusFlags extends NetworkFlags {
  readonly seat?: string;
  readonly owner?: string;
}

type Pool = GetPoolReturnType;

/** What a seat is doing; `sentence` is for people. */
export interface SeatRole {
  readonly role: "active" | "joining" | "leaving" | "waiting" | "jailed" | "out-of-line" | "left" | "tombstoned";
  readonly sentence: string;
}

/** `metis stake status`. */
export async function runStatus(flags: StatusFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const [pool, held] = await Promise.all([getPool(network.l1, network), heldBy(network, flags)]);
  const seatIds = new Set([...pool.current.members, ...pool.next.members].map(({ seatId }) => seatId));
  for (const seatId of [...pool.waiting, ...held.seatIds]) seatIds.add(seatId);
  const seats = await Promise.all([...seatIds].toSorted(ascending).map((seatId) => seatOf(network, seatId)));
  const told = seats.map((seat) => withRole(seat, pool));
  if (io.json) return io.out(toJson({ ...pool, seats: told, exits: held.exits }));
  io.out(table(poolRows(pool), ""));
  io.out("");
  io.out(seatTable(told, pool));
  const own = told.filter(({ seatId }) => held.seatIds.includes(seatId));
  for (const seat of own) io.out(`\n${table(seatRows(seat), "")}`);
  const others = held.exits.filter(
    ({ exitId }) => !own.some(({ exits }) => exits.some((exit) => exit.exitId === exitId)),
  );
  if (others.length > 0) io.out(`\n${table(exitRows(others), "")}`);
}

const withRole = (seat: Seat, pool: Pool): ToldSeat => ({
  ...seat,
  ...roleOf(seat, pool),
  weightNow: memberOf(pool.current, seat.seatId)?.weight,
  signerNow: memberOf(pool.current, seat.seatId)?.signer,
});

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : 1);

/** Throws `CliError` "no-such-seat". */
export async function seatOf(network: L1Network, seatId: bigint): Promise<Seat> {
  const seat = await getSeat(network.l1, { contracts: network.contracts, seatId });
  if (seat === undefined)
    throw new CliError("no-such-seat", `there is no seat ${seatId}: \`metis stake status\` lists them`);
  return seat;
}

/** Seats and exits that the user asks for; without flags those of nobody. */
async function heldBy(
  network: L1Network,
  { seat, owner }: StatusFlags,
): Promise<{ readonly seatIds: readonly bigint[]; readonly exits: readonly StakeExit[] }> {
  const seatIds = seat === undefined ? [] : [parseId(seat, "--seat")];
  if (owner === undefined) return { seatIds, exits: [] };
  const { l1, contracts } = network;
  const found = await findSeat(l1, { contracts, owner: parseAddress(owner, "--owner") });
  return { seatIds: found.seatId === undefined ? seatIds : [...seatIds, found.seatId], exits: found.exits };
}

/** A seat's or an exit's number. */
export function parseId(text: string, option: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new UsageError(`${option} takes a number, not "${text}"`);
  return BigInt(text);
}

const memberOf = (set: Pool["current"], seatId: bigint): Pool["current"]["members"][number] | undefined =>
  set.members.find((member) => member.seatId === seatId);

const weightIn = (set: Pool["current"], seatId: bigint): bigint | undefined => memberOf(set, seatId)?.weight;

/** Where a seat stands between the set that serves and the one that comes. */
export function roleOf(seat: Pick<Seat, "seatId" | "status" | "jailedUntil" | "inLine">, pool: Pool): SeatRole {
  const { seatId, status } = seat;
  const { current, upcoming, next } = pool;
  const serves = weightIn(current, seatId) !== undefined;
  const without = upcoming !== undefined && weightIn(upcoming, seatId) === undefined ? upcoming.epoch : next.epoch;
  const until = serves ? `; it serves until the set of epoch ${without} begins` : "";
  if (status === "tombstoned") return { role: "tombstoned", sentence: `slashed in full${until}` };
  if (weightIn(next, seatId) === undefined) {
    if (status === "left") return { role: serves ? "leaving" : "left", sentence: `has left${until}` };
    if (seat.jailedUntil !== 0n)
      return { role: "jailed", sentence: `jailed; \`metis stake unjail\` puts it back when its time is over${until}` };
    if (!seat.inLine)
      return { role: "out-of-line", sentence: `crowded out; \`metis stake relock\` puts it back${until}` };
    return { role: "waiting", sentence: `waits: heavier seats fill the next set${until}` };
  }
  if (serves) return { role: "active", sentence: "active" };
  if (upcoming !== undefined && weightIn(upcoming, seatId) !== undefined)
    return { role: "joining", sentence: `active from epoch ${upcoming.epoch} on` };
  return { role: "joining", sentence: `joins with epoch ${next.epoch}, once its set is frozen` };
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

const share = (weight: bigint | undefined, total: bigint): string =>
  weight === undefined ? "-" : `${formatEther(weight)} (${(Number((weight * 1000n) / total) / 10).toFixed(1)} %)`;

interface ToldSeat extends Seat, SeatRole {
  readonly weightNow: bigint | undefined;
  /** The key in the set of this epoch; another one after a change. */
  readonly signerNow: Address | undefined;
}

function seatTable(seats: readonly ToldSeat[], { current, next }: Pool): string {
  return columns([
    ["seat", "signer", "weight", "next weight", ""],
    ...seats.map(({ seatId, signer, weightNow, sentence }) => [
      `${seatId}`,
      signer,
      share(weightNow, current.totalWeight),
      share(weightIn(next, seatId), next.totalWeight),
      sentence,
    ]),
  ]);
}

function seatRows(seat: ToldSeat): (readonly [string, string])[] {
  return [
    ["seat", `${seat.seatId}: ${seat.sentence}`],
    ["owner", seat.owner],
    ["signer", seat.signer],
    ...(seat.signerNow === undefined || seat.signerNow === seat.signer
      ? []
      : [["signs now", `${seat.signerNow}, until a set with the new key begins`] as const]),
    ["rewards to", seat.rewardRecipient],
    ["own stake", `${formatEther(seat.own)} METIS`],
    ["delegated", `${formatEther(seat.delegated)} METIS`],
    ["leaving", `${formatEther(seat.exiting)} METIS`],
    ...exitRows(seat.exits.filter(({ state }) => state !== "claimed")),
  ];
}

const exitRows = (exits: readonly StakeExit[]): (readonly [string, string])[] =>
  exits.map((exit) => [`exit ${exit.exitId}`, `${formatEther(exit.amount)} METIS, ${exitSentence(exit)}`]);

const exitSentences: Readonly<Record<StakeExit["state"], (secondsLeft: number) => string>> = {
  queued: () => "starts when the next set is frozen",
  waiting: (secondsLeft) => `can be claimed in ${showSeconds(secondsLeft)}`,
  unsettled: () => "waits until the batches of its last epoch are settled",
  claimable: () => "can be claimed: metis stake claim",
  claimed: () => "paid",
  slashed: () => "slashed: nothing is left",
};

/** Where an exit stands, for people. */
export const exitSentence = ({ state, secondsLeft = 0 }: Pick<StakeExit, "state" | "secondsLeft">): string =>
  exitSentences[state](secondsLeft);
