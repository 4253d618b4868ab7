import {
  findSeat,
  getPool,
  getPoolRewards,
  getSeat,
  getSlashes,
  type GetPoolReturnType,
  type PoolRewards,
  type Seat,
  type SeatSlash,
  type StakeExit,
} from "@metis/client";
import { parseAddress } from "../addresses.ts";
import { unlessAway } from "../bridge/outage.ts";
import { CliError, UsageError, toJson, type Io } from "../io.ts";
import { openL1, openL2, type L1Network, type NetworkFlags } from "../network.ts";
import { memberOf, roleOf } from "./standing.ts";
import { statusLines, type ToldSeat } from "./statusTable.ts";

export interface StatusFlags extends NetworkFlags {
  readonly seat?: string;
  readonly owner?: string;
}

/** `metis stake status`. */
export async function runStatus(flags: StatusFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const [pool, held, rewards, slashes] = await Promise.all([
    getPool(network.l1, network),
    heldBy(network, flags),
    rewardsBy(flags),
    getSlashes(network.l1, network),
  ]);
  const seatIds = new Set([...pool.current.members, ...pool.next.members].map(({ seatId }) => seatId));
  for (const seatId of [...pool.waiting, ...held.seatIds]) seatIds.add(seatId);
  const seats = await Promise.all([...seatIds].toSorted(ascending).map((seatId) => seatOf(network, seatId)));
  const told = seats.map((seat) => toldOf(seat, { pool, rewards, slashes }));
  if (io.json)
    return io.out(toJson({ ...pool, recordsFrom: rewards?.firstEpoch ?? null, seats: told, exits: held.exits }));
  const details = held.seatIds.flatMap((seatId) => told.find((seat) => seat.seatId === seatId) ?? []);
  for (const line of statusLines({ pool, seats: told, details, exits: held.exits, rewards })) io.out(line);
}

/** What L2 says of how the members did; nothing where no node of L2 is known, or it does not answer. */
async function rewardsBy(flags: StatusFlags): Promise<PoolRewards | undefined> {
  const network = openL2(flags);
  return network && unlessAway(getPoolRewards(network.l2));
}

const recordOf = (rewards: PoolRewards | undefined, seatId: bigint): ToldSeat["record"] => {
  const member = rewards?.members.find((one) => one.seatId === seatId);
  if (!member) return null;
  const { blocks, proposed, attested, uptime, apr } = member;
  return { blocks, proposed, attested, uptime, apr };
};

interface Known {
  readonly pool: GetPoolReturnType;
  readonly rewards: PoolRewards | undefined;
  readonly slashes: readonly SeatSlash[];
}

const toldOf = (seat: Seat, { pool, rewards, slashes }: Known): ToldSeat => ({
  ...seat,
  ...roleOf(seat, pool),
  weightNow: memberOf(pool.current, seat.seatId)?.weight,
  signerNow: memberOf(pool.current, seat.seatId)?.signer,
  record: recordOf(rewards, seat.seatId),
  slashes: slashes.filter(({ seatId }) => seatId === seat.seatId),
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
