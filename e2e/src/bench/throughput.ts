// The same load through one seat of a pool and through anvil, and what a transfer costs each process.
import { startAnvil } from "@metis/testing";
import type { Hex } from "viem";
import type { ProcessPool } from "../poolProcesses.ts";
import { until } from "../world.ts";
import { prepareLoad, runLoad } from "./load.ts";
import type { LoadOptions, LoadResult } from "./load.ts";
import { cpuSeconds, usage } from "./poolMeasures.ts";
import type { Usage } from "./poolMeasures.ts";

/** Milliseconds of processor time a transfer, all threads of the process. */
export interface TransferCost {
  /** Mean over the seats. */
  readonly seat: number;
  readonly generator: number;
}

export interface PoolThroughput {
  readonly run: LoadResult;
  readonly used: Usage;
  readonly cost: TransferCost;
}

/** Of each sender: enough for one batch of a pool that is too long for calldata, for which its seats set up KZG. */
const warmUpOfPool = 80;
/** Enough to compile code. Anvil still mines a block for each, and keeps the state of every block. */
const warmUpOfAnvil = 50;

/** Every seat has seen the batch of block `lastBlock` on L1. */
async function isSafe(pool: ProcessPool, lastBlock: bigint): Promise<void> {
  for (const seat of pool.running)
    await until(`block ${lastBlock} is safe`, async () => (await pool.heads(seat)).safe >= lastBlock);
}

/** `load` through the first seat of `pool`; `begins` is called when it starts. */
export async function throughputOf(
  pool: ProcessPool,
  funderKey: Hex,
  load: LoadOptions,
  begins: () => void,
): Promise<PoolThroughput> {
  const { url } = pool.at(0);
  const warmUp = await runLoad(url, await prepareLoad(url, funderKey, { ...load, transfersEach: warmUpOfPool }));
  await isSafe(pool, warmUp.lastBlock);
  const prepared = await prepareLoad(url, funderKey, load);
  begins();
  const before = cpuSeconds(process.pid);
  const running = runLoad(url, prepared);
  const used = await usage(pool, running);
  const run = await running;
  const each = (seconds: number): number => (1_000 * seconds) / prepared.transactions;
  return { run, used, cost: { seat: each(used.cpuSeconds), generator: each(cpuSeconds(process.pid) - before) } };
}

/** `load` through an anvil that mines a block a second. */
export async function anvilThroughput(funderKey: Hex, load: LoadOptions): Promise<LoadResult> {
  const anvil = await startAnvil();
  try {
    await runLoad(anvil.url, await prepareLoad(anvil.url, funderKey, { ...load, transfersEach: warmUpOfAnvil }));
    const prepared = await prepareLoad(anvil.url, funderKey, load);
    await anvil.client.setAutomine(false);
    await anvil.client.setIntervalMining({ interval: 1 });
    return await runLoad(anvil.url, prepared);
  } finally {
    await anvil.stop();
  }
}
