import type { ChainConfig, Timestamp } from "@metis/protocol";

type TimeConfig = Pick<ChainConfig, "blockTime" | "heartbeat" | "maxDrift">;

/** What a proposer knows when it decides whether to make a block. Seconds. */
export interface Moment {
  readonly parentTime: Timestamp;
  readonly anchorTime: Timestamp;
  readonly clock: Timestamp;
  readonly l1Time: Timestamp;
}

/** Members refuse a block that lies further ahead of max(own clock, last L1 time). Seconds. */
export const maxAhead = 2n;

/**
 * Time of the next block: grows by at least blockTime, never before its anchor, near the clock. A chain that is `behind` L1
 * by more than a block can move follows its anchors instead, or it would use the time up that its next blocks need.
 */
export function blockTimeAt(config: TimeConfig, moment: Moment, behind = false): Timestamp {
  const { parentTime, anchorTime, clock, l1Time } = moment;
  const wanted = behind ? anchorTime : min(clock, l1Time + BigInt(config.maxDrift));
  return max(parentTime + BigInt(Math.max(config.blockTime, 1)), anchorTime, wanted);
}

/** Later of the own clock and L1's: what "now" means for blocks. */
export const chainNow = ({ clock, l1Time }: Pick<Moment, "clock" | "l1Time">): Timestamp => max(clock, l1Time);

/** Past this drift a block may hold no user transaction (docs/spec/derivation.md). */
export const mayHoldTransactions = (config: TimeConfig, time: Timestamp, anchorTime: Timestamp): boolean =>
  time <= anchorTime + BigInt(config.maxDrift);

export interface Demand {
  readonly transactions: boolean;
  readonly deposits: boolean;
  /** Usable anchors lie further than one block can move. */
  readonly behind: boolean;
}

/**
 * Whether a block is due now: something waits, or the heartbeat is over; and its time has come. An empty block that cannot move
 * the anchor past maxDrift is of no use and never due.
 */
export function isDue(config: TimeConfig, moment: Moment, time: Timestamp, demand: Demand): boolean {
  if (time > chainNow(moment)) return false;
  const mayHold = mayHoldTransactions(config, time, moment.anchorTime);
  if (demand.deposits || demand.behind || (demand.transactions && mayHold)) return true;
  return mayHold && time >= moment.parentTime + BigInt(config.heartbeat);
}

const max = (...values: readonly bigint[]): bigint => values.reduce((a, b) => (a > b ? a : b));
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
