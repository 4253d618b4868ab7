// Blocks from bytes in rows, as a node derives them, with nothing, commits, or roots and commits beside their execution.
import { availableParallelism } from "node:os";
import type { OpenOptions } from "../mvm.ts";
import { swaps } from "./exchange.ts";
import { costOf, extendBy, reopenedChain, runBlocks } from "./mvm.ts";
import type { BenchOptions } from "./options.ts";
import { cpuByThread } from "./processes.ts";
import { median, progress, type Row, type Section } from "./report.ts";
import { Wallets } from "./wallets.ts";
import { tokenTransfers, transfers, type Workload } from "./workload.ts";

const ways = ["nothing", "commits", "roots"] as const satisfies readonly OpenOptions["overlap"][];
type Way = (typeof ways)[number];

/** Blocks in one row: as many as make the threads worth their start. */
const inARow = 24;
const warmUpRows = 2;
const recipients = 1_000;
const walletCount = 50;

/** What threads do, by their names. */
const threads = {
  writerWorker: "executing",
  sealerWorker: "sealing",
  committerWorker: "writing",
  readerWorker: "recovering",
} as const;
/** Those that a way does without. */
const without: Readonly<Record<Way, readonly string[]>> = {
  nothing: ["sealerWorker", "committerWorker"],
  commits: ["sealerWorker"],
  roots: [],
};
type Part = "cpu" | "wall" | keyof typeof threads;
type Cost = Readonly<Partial<Record<Part, number>>>;

type Costs = Readonly<Record<Way, Cost[]>>;

async function workloadsOf(rows: number): Promise<{ readonly workloads: Workload[]; readonly wallets: Wallets[] }> {
  const makers = [
    { make: transfers, perBlock: 200 },
    { make: tokenTransfers, perBlock: 200 },
    { make: swaps, perBlock: 50 },
  ];
  const wallets = makers.map((_, i) => new Wallets(walletCount, i));
  const workloads: Workload[] = [];
  for (const [i, { make, perBlock }] of makers.entries())
    workloads.push(await make(wallets[i]!, { blocks: rows * inARow, perBlock, recipients }));
  return { workloads, wallets };
}

async function costOfThreads(work: () => Promise<void>): Promise<Cost> {
  const before = cpuByThread();
  const whole = await costOf(work);
  const after = cpuByThread();
  const spent = [...after].map(([name, millis]) => [name, millis - (before.get(name) ?? 0)] as const);
  return { ...whole, ...Object.fromEntries(spent) };
}

/** Each row by each engine in turn, the first one another each time. */
async function measure(
  workload: Workload,
  engines: Readonly<Record<Way, Parameters<typeof extendBy>[0]>>,
): Promise<Costs> {
  const costs: Costs = { nothing: [], commits: [], roots: [] };
  for (const way of ways) for (const block of workload.before) await runBlocks(engines[way], "bytes", [block]);
  for (let at = 0, turn = 0; at < workload.blocks.length; at += inARow, turn++) {
    const row = workload.blocks.slice(at, at + inARow);
    for (const offset of ways.keys()) {
      const way = ways[(turn + offset) % ways.length]!;
      const cost = await costOfThreads(() => extendBy(engines[way], row));
      if (turn >= warmUpRows) costs[way].push(cost);
    }
  }
  return costs;
}

function rowsOf({ name, blocks }: Workload, costs: Costs): Row[] {
  const transactions = inARow * blocks[0]!.length;
  const micros = (way: Way, part: Part): number | undefined => {
    const all = costs[way].map((cost) => cost[part]).filter((millis) => millis !== undefined);
    return all.length === 0 || without[way].includes(part) ? undefined : (median(all) * 1000) / transactions;
  };
  const ofIt = (way: Way, part: Part): number => micros(way, part)! / micros("nothing", part)!;
  return ways.map((way) => ({
    workload: name,
    "beside execution": way === "roots" ? "roots and commits" : way,
    "us/tx": micros(way, "wall"),
    "CPU us/tx": micros(way, "cpu"),
    "time of it": ofIt(way, "wall"),
    "CPU of it": ofIt(way, "cpu"),
    ...Object.fromEntries(Object.entries(threads).map(([part, does]) => [does, micros(way, part as Part)])),
  }));
}

/** What overlapping gains and costs on this machine. */
export async function overlapping({ rounds }: BenchOptions): Promise<Section> {
  progress("overlap: signing transactions");
  const { workloads, wallets } = await workloadsOf(warmUpRows + rounds);
  const funded = wallets.flatMap(({ addresses }) => addresses);
  const chains = await Promise.all(ways.map((way) => reopenedChain(funded, 0, way)));
  const engines = { nothing: chains[0]!.mvm, commits: chains[1]!.mvm, roots: chains[2]!.mvm };
  const rows: Row[] = [];
  try {
    for (const workload of workloads) {
      progress(`${workload.name}: ${workload.blocks.length} blocks in rows of ${inARow}`);
      rows.push(...rowsOf(workload, await measure(workload, engines)));
    }
    const heads = new Set(ways.map((way) => engines[way].head().hash));
    if (heads.size > 1) throw new Error("the ways lead to different chains");
  } finally {
    for (const chain of chains) await chain.remove();
  }
  return {
    name: "overlap",
    title: "Blocks from bytes in rows: what goes on beside execution",
    rows,
    notes: [
      `${availableParallelism()} processors: unless told otherwise, an engine has commits beside from three on, roots from four on.`,
      "executing to recovering: processor time of the threads, us/tx; where there are processors for all, the longest decides.",
      "of it: of what the same row takes with nothing beside; below 1 is a gain. Medians of alternating turns.",
    ],
  };
}
