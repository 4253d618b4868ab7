import type { Address } from "viem";
import type { BftEvent, BftInput } from "../../bft/forms.ts";

/**
 * Of the events of a replayed log, those that did not happen before the crash: entries that are not in the log yet, and the last
 * wish for a proposal, unless this member's proposal for that round is in the log (a second one would be a double vote).
 */
export function notYetDone(events: readonly BftEvent[], log: readonly BftInput[], own: Address): readonly BftEvent[] {
  const known = new Set(log.map((entry) => JSON.stringify(entry)));
  const proposed = new Set(log.flatMap((entry) => proposalRound(entry, own)));
  const lastWish = events.findLast((event) => event.event === "getValue");
  return events.filter((event) => {
    if (event.event === "log") return !known.has(JSON.stringify(event.entry));
    return event.event !== "getValue" || (event === lastWish && !proposed.has(event.round));
  });
}

function proposalRound(entry: BftInput, own: Address): readonly number[] {
  if (entry.input !== "message" || entry.message.type !== "proposal") return [];
  return entry.message.proposer === own ? [entry.message.round] : [];
}
