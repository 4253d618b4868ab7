import type { ChainConfig, Timestamp } from "@metis/protocol";

/** What L1 says of the pool's silence (docs/spec/below-two-thirds.md). Times are L1's, in seconds. */
export interface SilenceView {
  /** L1's time. */
  readonly now: Timestamp;
  /** Since when there was no certified batch and no handover. */
  readonly since: Timestamp;
  readonly limits: {
    readonly leakStart: number;
    readonly silenceLimit: number;
    readonly minSeats: number;
  };
  /** METIS wei. */
  readonly presentWeight: bigint;
  readonly countedWeight: bigint;
  readonly totalWeight: bigint;
  readonly seats: bigint;
  /** The announcement in force. */
  readonly announced: { readonly readyAt: Timestamp; readonly pinned: bigint } | undefined;
}

/** As L1 goes through them. */
export const handoverPhases = ["live", "leaking", "announced", "ready"] as const;
export type HandoverPhase = (typeof handoverPhases)[number];

/** In which of the four states the pool is on L1. */
export function phaseOf({
  now,
  since,
  limits,
  announced,
}: Pick<SilenceView, "now" | "since" | "limits" | "announced">): HandoverPhase {
  if (announced) return now >= announced.readyAt ? "ready" : "announced";
  return now >= since + BigInt(limits.leakStart) ? "leaking" : "live";
}

/** Whether L1 lets those who are present take over from the rest now. */
export const hasCause = ({ presentWeight, countedWeight, totalWeight, seats, limits }: SilenceView): boolean =>
  presentWeight * 3n <= totalWeight * 2n && presentWeight * 3n > countedWeight * 2n && seats >= BigInt(limits.minSeats);

/**
 * Seconds after its last sign of life at which a member sends a heartbeat while no batch comes: half-way between the longest that a
 * healthy pool takes for a batch and the time from which on a member counts as silent.
 */
export const heartbeatEvery = (
  leakStart: number,
  { heartbeat, maxBatchAge }: Pick<ChainConfig, "heartbeat" | "maxBatchAge">,
): bigint => BigInt(leakStart + heartbeat + maxBatchAge) / 2n;

/** What a member can do for the pool now, beside a heartbeat. */
export type HandoverStep = "announce" | "pin" | "handover";

/**
 * The next step of a handover, if it is time for one.
 * @param certified highest block that this node holds a certificate of and that is not on L1
 */
export function nextStep(view: SilenceView, certified: bigint | undefined): HandoverStep | undefined {
  const { announced } = view;
  if (!announced) return hasCause(view) ? "announce" : undefined;
  if (certified !== undefined && certified > announced.pinned) return "pin";
  return view.now >= announced.readyAt && hasCause(view) ? "handover" : undefined;
}
