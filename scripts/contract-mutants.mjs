// Breaks one guard of the staking contracts at a time, in a copy, and sees to it that a test notices.
//   node scripts/contract-mutants.mjs            all; minutes, since each is compiled anew
//   node scripts/contract-mutants.mjs exit cap   those whose name contains one of the words
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foundryBinary, repository } from "./foundry.mjs";
import { absences } from "./mutants/absences.mjs";
import { contracts } from "./mutants/contracts.mjs";
import { fees } from "./mutants/fees.mjs";
import { handover } from "./mutants/handover.mjs";
import { breakEach } from "./mutants/runner.mjs";

/** Behaviour is what counts here, and compiling is most of the time. */
function fill(copy) {
  for (const part of ["contracts", "foundry.toml", "docs/spec/vectors"])
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  const settings = readFileSync(join(copy, "foundry.toml"), "utf8");
  writeFileSync(join(copy, "foundry.toml"), settings.replace("optimizer = true", "optimizer = false"));
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
}

/** Runs the tests in the files named: the first that fails, or nothing. */
function failure(copy, files) {
  const path = `contracts/test/{staking,l1,l2,handover,trust}/{${files}}.t.sol`;
  const glob = files.includes(",") ? path : path.replace(`{${files}}`, files);
  // What gas suffices is asked of optimised code. Tests are not compiled anew when only what they deploy changes.
  const chosen = ["--match-path", glob, "--no-match-test", "TheDearest", "--dynamic-test-linking", "--fail-fast"];
  const args = ["test", ...chosen, "--gas-snapshot-check", "false", "--gas-snapshot-emit", "false"];
  const run = spawnSync(foundryBinary("forge"), args, { cwd: copy, encoding: "utf8" });
  if (/Compiler run failed|No tests (found|match)/.test(run.stdout + run.stderr))
    throw new Error(`${files}: ${run.stderr || run.stdout}`);
  return run.status === 0 ? undefined : (/^\[FAIL.*?\] (\S+)/m.exec(run.stdout)?.[1] ?? "ended");
}

breakEach({
  mutants: [...contracts, ...absences, ...fees, ...handover].map(([name, file, from, to, tests]) => ({
    name,
    patches: [[file, from, to]],
    tests,
  })),
  words: process.argv.slice(2),
  sources: "contracts/src",
  fill,
  unbroken: (copy, chosen) =>
    [...new Set(chosen.map(({ tests }) => tests))]
      .map((tests) => failure(copy, tests))
      .find((test) => test !== undefined),
  seen: (copy, { tests }) => failure(copy, tests),
});
