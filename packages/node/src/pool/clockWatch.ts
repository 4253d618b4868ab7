import type { BlockInputs, ChainConfig, Timestamp } from "@metis/protocol";
import type { Clock, Logger, Metrics } from "@metis/runtime";
import type { Address } from "viem";

export interface ClockWatchOptions {
  readonly config: Pick<ChainConfig, "blockTime" | "maxDrift">;
  readonly self: Address;
  /** Timestamp of L1's head as this node sees it. */
  readonly l1Time: () => Timestamp;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Seconds from a clock's reading to the proposal's arrival that are nobody's fault: the second's end, and building it. */
const usualDelay = 2;
/** An offset that members still accept each other's blocks with (docs/spec/pool.md). Seconds. */
const tolerated = 2;

/**
 * Compares this machine's clock with the times that other members give to the blocks they propose. Two members must agree that
 * it is off: one of them may be wrong itself.
 */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  /** Own clock less the time of each member's last block, seconds. */
  readonly #offsets = new Map<Address, number>();
  #isOff = false;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
    options.metrics.observed(
      "pool_clock_offset_seconds",
      "How far this machine's clock is ahead of the other members'; behind when negative",
      () => this.offset,
    );
  }

  /** Seconds that this clock is ahead of the others; 0 until two members were heard. */
  get offset(): number {
    if (this.#offsets.size < 2) return 0;
    return [...this.#offsets.values()].reduce((nearest, next) => (Math.abs(next) < Math.abs(nearest) ? next : nearest));
  }

  /** A member proposes a block now. Times that follow L1 instead of a clock say nothing. */
  proposed({ proposer, time }: Pick<BlockInputs, "proposer" | "time">): void {
    const { config, self, l1Time, clock } = this.#options;
    const followsL1 = time + BigInt(config.blockTime) < l1Time() || time >= l1Time() + BigInt(config.maxDrift);
    if (proposer === self || followsL1) return;
    const behind = clock.now() / 1000 - Number(time);
    this.#offsets.set(proposer, behind > 0 ? Math.max(behind - usualDelay, 0) : behind);
    this.#tell();
  }

  #tell(): void {
    const { logger } = this.#options;
    const { offset } = this;
    const isOff = Math.abs(offset) > tolerated;
    if (isOff === this.#isOff) return;
    this.#isOff = isOff;
    if (isOff) logger.warn("this machine's clock is off: set it", { aheadOfOthersSeconds: Math.round(offset) });
    else logger.info("this machine's clock is right again");
  }
}
