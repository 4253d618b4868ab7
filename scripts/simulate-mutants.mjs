// Breaks one guard of the pool at a time, in a copy, and sees to it that the simulator, or a test, notices.
//   npm run simulate:mutants                    all; minutes
//   npm run simulate:mutants -- quorum log      those whose name contains one of the words
//   npm run simulate:mutants -- --seeds 300     more pools of four for each
//   npm run simulate:mutants -- none            only whether each still fits the code
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { simulated, tested } from "./pool-mutants.mjs";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals: words } = parseArgs({ options: { seeds: { type: "string" } }, allowPositionals: true });
const mutants = [
  ...simulated.map(([name, ...patches]) => ({ name: String(name), patches })),
  ...tested.map(([name, test, ...patches]) => ({ name: String(name), test: String(test), patches })),
];
const chosen = mutants.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
for (const { name, patches } of mutants)
  for (const [file, from] of patches)
    if (readFileSync(join(repository, "packages", file), "utf8").split(from).length !== 2)
      throw new Error(`${name}: ${file} does not contain exactly once: ${from}`);

/** A copy of the rooms that a member is made of, with everybody else's packages beside it. */
function copied() {
  const copy = mkdtempSync(join(tmpdir(), "metis-simulate-"));
  const modules = join(copy, "node_modules");
  mkdirSync(join(modules, "@metis"), { recursive: true });
  for (const name of readdirSync(join(repository, "node_modules")))
    if (name !== "@metis") symlinkSync(join(repository, "node_modules", name), join(modules, name));
  for (const room of ["protocol", "runtime", "mvm", "rollup", "committee", "node", "testing"]) {
    const kept = (path) => !/\/(dist|node_modules|native)$/.test(path);
    cpSync(join(repository, "packages", room), join(copy, "packages", room), { recursive: true, filter: kept });
    symlinkSync(join(copy, "packages", room), join(modules, "@metis", room));
  }
  return copy;
}

/** Rules of voting are broken by liars. */
const liars = (patches) =>
  patches.some(([file]) => /(votingRules|application)\.ts$/.test(file)) ? ["--vice", "liar"] : [];
/** Pools and seeds that every mutant meets, until one shows something. */
const suite = [
  ["4", "1", values.seeds ?? "40"],
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

/** What shows that something is broken in `copy`, if anything does. */
const seenIn = (copy, { test, patches }) =>
  test === undefined ? violation(copy, liars(patches)) : failure(copy, test);

const copy = copied();
const alive = [];
try {
  const tests = new Set(chosen.flatMap(({ test }) => (test === undefined ? [] : [test])));
  const before = [...tests].map((test) => failure(copy, test)).find((seen) => seen !== undefined);
  const unbroken = before ?? (words.length === 0 ? violation(copy) : undefined);
  if (unbroken !== undefined) throw new Error(`the unbroken pool fails: ${unbroken}`);
  for (const mutant of chosen) {
    const { name, patches } = mutant;
    const sources = new Map();
    for (const [file, from, to] of patches) {
      const path = join(copy, "packages", file);
      const source = readFileSync(path, "utf8");
      if (!sources.has(path)) sources.set(path, source);
      writeFileSync(
        path,
        source.replace(from, () => to),
      );
    }
    const seen = seenIn(copy, mutant);
    if (seen === undefined) alive.push(name);
    console.log(
      `${seen === undefined ? "ALIVE " : "killed"}  ${name}${seen === undefined ? "" : `: ${seen.slice(0, 120)}`}`,
    );
    for (const [path, source] of sources) writeFileSync(path, source);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - alive.length} of ${chosen.length} mutants killed`);
process.exitCode = alive.length === 0 ? 0 : 1;
