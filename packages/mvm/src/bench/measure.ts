import type { Workload } from "./workload.ts";

/** One engine on one workload. Milliseconds. */
export interface Run {
  readonly transactions: number;
  readonly wall: number;
  /** Processor time of all threads that did the work. */
  readonly cpu: number;
}

/** Times `work` with the processor time of this process, or of another when `cpuMillis` reads it. */
export async function measured(
  workload: Workload,
  work: () => Promise<void>,
  cpuMillis: () => number = ownCpu,
): Promise<Run> {
  const cpuBefore = cpuMillis();
  const before = performance.now();
  await work();
  const transactions = workload.blocks.reduce((sum, block) => sum + block.length, 0);
  return { transactions, wall: performance.now() - before, cpu: cpuMillis() - cpuBefore };
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
