import type { Logger } from "@metis/runtime";
import { curveKeyring } from "./keys.ts";
import type { Keyring } from "./keys.ts";
import type { Forced } from "./scenario.ts";
import { simulate } from "./simulation.ts";
import type { SimulationReport } from "./simulation.ts";

/** One seed to run; the same anywhere. */
export interface SeedTask extends Forced {
  readonly seed: number;
  readonly members: number;
  /** secp256k1 instead of keyed hashes. */
  readonly real: boolean;
}

let realKeys: Keyring | undefined;

export function runTask({ seed, members, real, ...forced }: SeedTask, logger?: Logger): Promise<SimulationReport> {
  if (real) realKeys ??= curveKeyring();
  return simulate(seed, members, {
    ...(logger && { logger }),
    ...(real && realKeys && { keyring: realKeys }),
    ...forced,
  });
}

/** Members of `seed` in a run of pools of all sizes: most of four, a tenth of seven, a few of thirteen. */
export function mixedSize(seed: number): number {
  if (seed % 40 === 0) return 13;
  return seed % 10 === 5 ? 7 : 4;
}
