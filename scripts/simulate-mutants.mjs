// Breaks one guard of the pool at a time, in a copy, and sees to it that the simulator, or a test, notices.
//   npm run simulate:mutants                    all; minutes
//   npm run simulate:mutants -- quorum log      those whose name contains one of the words
//   npm run simulate:mutants -- --seeds 300     more pools of four for each
//   npm run simulate:mutants -- none            only whether each still fits the code
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "./foundry.mjs";
import { breakEach } from "./mutants/runner.mjs";
import { simulated } from "./mutants/simulated.mjs";
import { tested } from "./mutants/tested.mjs";

const { values, positionals: words } = parseArgs({ options: { seeds: { type: "string" } }, allowPositionals: true });

/** The rooms that a member is made of, with everybody else's packages beside them. */
function fill(copy) {
  const modules = join(copy, "node_modules");
  mkdirSync(join(modules, "@metis"), { recursive: true });
  for (const name of readdirSync(join(repository, "node_modules")))
    if (name !== "@metis") symlinkSync(join(repository, "node_modules", name), join(modules, name));
  for (const room of ["protocol", "runtime", "mvm", "rollup", "committee", "node", "testing"]) {
    const kept = (path) => !/\/(dist|node_modules|native)$/.test(path);
    cpSync(join(repository, "packages", room), join(copy, "packages", room), { recursive: true, filter: kept });
    symlinkSync(join(copy, "packages", room), join(modules, "@metis", room));
  }
}

/** Rules of voting are broken by liars, and handovers need a loss. */
function forced(patches) {
  if (patches.some(([file]) => /(votingRules|attendance|application)\.ts$/.test(file))) return ["--vice", "liar"];
  return patches.some(([file]) => file.includes("/handover/")) ? ["--loss"] : [];
}
/** Pools and seeds that every mutant meets, until one shows something. */
const suite = [
  ["4", "1", values.seeds ?? "60"],
  ["7", "1", "6"],
];

/** Runs the suite in `copy`: the first violation, or nothing. */
function violation(copy, more = []) {
  const simulate = join(copy, "packages/testing/src/simulator/members/simulate.ts");
  for (const [members, from, seeds] of suite) {
    const pool = ["--members", members, "--from", from, "--seeds", seeds, "--bail", ...more];
    const run = spawnSync(process.execPath, [join(repository, "scripts/node.mjs"), simulate, ...pool], {
      timeout: 300_000,
      encoding: "utf8",
    });
    if (run.status !== 0)
      return /^(seed .*)$/m.exec(run.stdout)?.[1] ?? /^(.*Error.*)$/m.exec(run.stderr)?.[1] ?? "ended";
  }
  return undefined;
}

/** Runs one file of tests in `copy`: the first that fails, or nothing. */
function failure(copy, test) {
  const run = spawnSync(
    process.execPath,
    [join(repository, "scripts/node.mjs"), "--test", join(copy, "packages", test)],
    {
      timeout: 300_000,
      encoding: "utf8",
    },
  );
  return run.status === 0 ? undefined : (/^\s*✖ (.*)$/m.exec(run.stdout)?.[1] ?? "ended");
}

/** Every test file that is to fail passes first; with every mutant asked for, the simulator finds nothing either. */
function unbroken(copy, chosen) {
  const tests = new Set(chosen.flatMap(({ test }) => (test === undefined ? [] : [test])));
  const broken = [...tests].map((test) => failure(copy, test)).find((seen) => seen !== undefined);
  return broken ?? (words.length === 0 ? violation(copy) : undefined);
}

breakEach({
  mutants: [
    ...simulated.map(([name, ...patches]) => ({ name, patches })),
    ...tested.map(([name, test, ...patches]) => ({ name, test, patches })),
  ],
  words,
  sources: "packages",
  fill,
  unbroken,
  seen: (copy, { test, patches }) => (test === undefined ? violation(copy, forced(patches)) : failure(copy, test)),
});
