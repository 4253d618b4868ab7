// npm run simulate -- --seeds 100 --members 4 --from 1     a hundred seeds
// npm run simulate -- --seed 27 --members 4 --verbose      one again, with what its members log
// npm run simulate -- --minutes 5                          as many as fit, from a seed that the commit gives
// npm run simulate -- --minutes 60 --resume FILE           goes on where the last run with that file ended
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createLogger } from "@metis/runtime";
import { curveKeyring } from "./keys.ts";
import { vices } from "./scenario.ts";
import { simulate } from "./simulation.ts";
import type { SimulationReport } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string" },
    members: { type: "string", default: "4" },
    minutes: { type: "string" },
    resume: { type: "string" },
    verbose: { type: "boolean", default: false },
    /** secp256k1 instead of keyed hashes. */
    real: { type: "boolean", default: false },
    /** One member has this vice, whatever the seed says. */
    vice: { type: "string" },
    /** Ends at the first seed that shows a violation. */
    bail: { type: "boolean", default: false },
  },
});

interface Progress {
  readonly next: number;
  readonly run: number;
  readonly failed: readonly number[];
}

const members = Number(values.members);
const limit = values.seed === undefined ? Number(values.seeds ?? (values.minutes ? Infinity : 20)) : 1;
const end = values.minutes === undefined ? Infinity : performance.now() + Number(values.minutes) * 60_000;
const vice = vices.find((one) => one === values.vice);
const options = `--members ${members}${vice ? ` --vice ${vice}` : ""}`;
const command = (seed: number): string => `npm run simulate -- ${options} --seed ${seed} --verbose`;

/** Different commits look at different seeds. */
function seedOfCommit(): number {
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" });
  return Number.parseInt(commit.slice(0, 7), 16);
}

const first = (): number => Number(values.seed ?? values.from ?? (values.minutes ? seedOfCommit() : 1));
const stored =
  values.resume !== undefined && existsSync(values.resume) ? readFileSync(values.resume, "utf8") : undefined;
let progress: Progress = stored ? (JSON.parse(stored) as Progress) : { next: first(), run: 0, failed: [] };

function tell(report: SimulationReport): void {
  if (report.violations.length > 0)
    console.log(`seed ${report.seed}: ${report.violations.join("\n  ")}\n  again: ${command(report.seed)}`);
  else if (values.verbose) console.log(JSON.stringify(report));
}

const logger = values.verbose ? createLogger({ format: "pretty" }) : undefined;
const keyring = values.real ? curveKeyring() : undefined;
const began = performance.now();
const from = progress.next;
const mayGoOn = (): boolean => progress.next - from < limit && performance.now() < end;
while (mayGoOn() && !(values.bail && progress.failed.length > 0)) {
  const report = await simulate(progress.next, members, {
    ...(logger && { logger }),
    ...(keyring && { keyring }),
    ...(vice && { vice }),
  });
  tell(report);
  const failed = report.violations.length > 0 ? [...progress.failed, report.seed] : progress.failed;
  progress = { next: progress.next + 1, run: progress.run + 1, failed };
  if (values.resume !== undefined) writeFileSync(values.resume, JSON.stringify(progress));
}
const count = progress.next - from;
const perSecond = (count / (performance.now() - began)) * 1000;
console.log(
  `${count} seeds of ${members} members from ${from}: ${perSecond.toFixed(2)} a second; ` +
    `${progress.run} in all, ${progress.failed.length} failed${progress.failed.length > 0 ? `: ${progress.failed.join(" ")}` : ""}`,
);
process.exitCode = progress.failed.length > 0 ? 1 : 0;
