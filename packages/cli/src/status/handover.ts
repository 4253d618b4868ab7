import type { GetHandoverReturnType } from "@metis/client";
import { showSeconds } from "../amounts.ts";
import { percent } from "./pool.ts";

/** How far the way back below two thirds is open, for people. */
export function handoverSentence({ phase, silentFor, secondsLeft, ...state }: GetHandoverReturnType): string {
  const { presentWeight, countedWeight, totalWeight } = state;
  const there = `${percent(presentWeight, totalWeight)} of the weight is there`;
  if (phase === "live") return `batches come, the last ${showSeconds(silentFor)} ago`;
  if (phase === "announced") return `announced; ${showSeconds(secondsLeft ?? 0)} until it can be carried out; ${there}`;
  const counts = `what counts of all is ${percent(countedWeight, totalWeight)}`;
  return `no batch for ${showSeconds(silentFor)}; ${there}, ${counts}; more than two thirds of that are needed, or all of it is enough to go on`;
}
