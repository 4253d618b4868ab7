import type { GetPoolReturnType, Seat, StakeExit } from "@metis/client";
import { showSeconds } from "../amounts.ts";

type Pool = GetPoolReturnType;

/** What a seat is doing; `sentence` is for people. */
export interface SeatRole {
  readonly role: "active" | "joining" | "leaving" | "waiting" | "jailed" | "out-of-line" | "left" | "tombstoned";
  readonly sentence: string;
}

/** A seat in a set, if it is there. */
export const memberOf = (set: Pool["current"], seatId: bigint): Pool["current"]["members"][number] | undefined =>
  set.members.find((member) => member.seatId === seatId);

/** What a seat weighs in a set, if it is there. */
export const weightIn = (set: Pool["current"], seatId: bigint): bigint | undefined => memberOf(set, seatId)?.weight;

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
