// Runs end-to-end tests one file after the other, each with a time limit: a file that hangs costs its own time, leaves nothing
// running, and the rest goes on. node scripts/e2e.mjs SECONDS GLOB [OPTION OF node --test...]
// --test-timeout alone does not do it: it ends tests and hooks, but a process whose test left something open stays.
import { globSync } from "node:fs";
import { runFor, timeUp } from "./limited.mjs";

/** Seconds that a file has for ending by itself once a test in it has outrun its time. */
const slack = 30;

const [seconds, pattern, ...options] = process.argv.slice(2);
const files = globSync(pattern).toSorted();
const limit = Number(seconds);
const node = [
  ...process.execArgv,
  "--test",
  "--test-force-exit",
  `--test-timeout=${(limit - slack) * 1000}`,
  ...options,
];

const failed = [];
for (const file of files) {
  const began = performance.now();
  process.stdout.write(`\n=== ${file}\n`);
  const { code, interrupted } = await runFor(limit, process.execPath, [...node, file]);
  if (interrupted !== undefined) process.exit(1);
  const took = Math.round((performance.now() - began) / 1000);
  if (code !== 0) failed.push(`${file} ${code === timeUp ? `was not done after ${limit} s` : "failed"}`);
  process.stdout.write(`--- ${file}: ${code === 0 ? "ok" : "FAILED"} (${took} s)\n`);
}
process.stdout.write(
  `\n${files.length} files, ${failed.length} failed\n${failed.map((what) => `  ${what}\n`).join("")}`,
);
process.exit(failed.length > 0 || files.length === 0 ? 1 : 0);
