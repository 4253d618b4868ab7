// npm run simulate -- --seeds 100 --members 4 --from 1     a hundred seeds, on all cores
// npm run simulate -- --seed 27 --members 4 --verbose      one again, with what its members log
// npm run simulate -- --minutes 5 --members mixed          as many as fit, from a seed that the commit gives; sizes 4, 7 and 13
// npm run simulate -- --loss --members 7                   half of the seats are lost for ever in every one
// npm run simulate -- --minutes 60 --resume FILE           goes on where the last run with that file ended
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { createLogger } from "@metis/runtime";
import { vices } from "./scenario.ts";
import type { SimulationReport } from "./simulation.ts";
import { mixedSize, runTask } from "./tasks.ts";
import type { SeedTask } from "./tasks.ts";
import { runOnThreads } from "./threads.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string" },
    /** Seats at the beginning, or "mixed": the seed says. */
    members: { type: "string", default: "4" },
    minutes: { type: "string" },
    resume: { type: "string" },
    /** Every report, and of a single seed what its members log. */
    verbose: { type: "boolean", default: false },
    /** secp256k1 instead of keyed hashes. */
    real: { type: "boolean", default: false },
    /** One member has this vice, whatever the seed says. */
    vice: { type: "string" },
    /** A third of the weight or more is lost for ever, and L1 hands the pool over to the rest. */
    loss: { type: "boolean", default: false },
    /** Ends at the first seed that shows a violation. */
    bail: { type: "boolean", default: false },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});

interface Progress {
  readonly options: string;
  readonly next: number;
  readonly run: number;
  readonly failed: readonly number[];
}

const vice = vices.find((one) => one === values.vice);
const more = (vice === undefined ? "" : ` --vice ${vice}`) + (values.loss ? " --loss" : "");
const forced = { ...(vice && { vice }), loss: values.loss };
const options = `--members ${values.members}${more}`;
const limit = values.seed === undefined ? Number(values.seeds ?? (values.minutes ? Infinity : 20)) : 1;
const end = values.minutes === undefined ? Infinity : performance.now() + Number(values.minutes) * 60_000;

/** Different commits look at different seeds. */
function seedOfCommit(): number {
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" });
  return Number.parseInt(commit.slice(0, 7), 16);
}

function begun(): Progress {
  const first = Number(values.seed ?? values.from ?? (values.minutes ? seedOfCommit() : 1));
  if (values.resume === undefined || !existsSync(values.resume)) return { options, next: first, run: 0, failed: [] };
  const stored = JSON.parse(readFileSync(values.resume, "utf8")) as Progress;
  if (stored.options !== options) throw new Error(`${values.resume} belongs to a run with ${stored.options}`);
  return stored;
}

let progress = begun();
const from = progress.next;
const counts = new Map<number, number>();

function tell({ seed, members }: SeedTask, report: SimulationReport): void {
  const isFailed = report.violations.length > 0;
  if (isFailed)
    console.log(
      `seed ${seed}: ${report.violations.join("\n  ")}\n` +
        `  again: npm run simulate -- --members ${members}${more} --seed ${seed} --verbose`,
    );
  else if (values.verbose) console.log(JSON.stringify(report));
  counts.set(members, (counts.get(members) ?? 0) + 1);
  const failed = isFailed ? [...progress.failed, seed] : progress.failed;
  progress = { options, next: seed + 1, run: progress.run + 1, failed };
  if (values.resume !== undefined) writeFileSync(values.resume, JSON.stringify(progress));
}

function* tasks(): Generator<SeedTask> {
  for (let seed = from; seed - from < limit && performance.now() < end; seed++) {
    if (values.bail && progress.failed.length > 0) return;
    const members = values.members === "mixed" ? mixedSize(seed) : Number(values.members);
    yield { seed, members, real: values.real, ...forced };
  }
}

const began = performance.now();
const threads = Math.min(Number(values.threads), limit);
if (limit === 1) {
  const [task] = tasks();
  const logger = values.verbose ? createLogger({ format: "pretty" }) : undefined;
  if (task) tell(task, await runTask(task, logger));
} else await runOnThreads(tasks(), threads, tell);

const count = progress.next - from;
const perSecond = (count / (performance.now() - began)) * 1000;
const { user, system } = process.cpuUsage();
const cpu = ((user + system) / count / 1e6).toFixed(2);
const sizes = [...counts].toSorted(([a], [b]) => a - b).map(([members, some]) => `${some} of ${members} members`);
console.log(
  `${count} seeds (${sizes.join(", ")}) from ${from} on ${threads} threads: ${perSecond.toFixed(2)} a second, ${cpu} s of CPU each; ` +
    `${progress.run} in all, ${progress.failed.length} failed${progress.failed.length > 0 ? `: ${progress.failed.join(" ")}` : ""}`,
);
process.exitCode = progress.failed.length > 0 ? 1 : 0;
