import { existsSync } from "node:fs";
import { runBlockTests, runStateTests } from "@metis/mvm";
import type { Command } from "commander";
import { ResultError, UsageError, toJson } from "../io.ts";
import type { Io } from "../io.ts";

interface Outcome {
  readonly name: string;
  readonly fork: string;
  readonly index?: number;
  readonly pass: boolean;
  readonly error?: string;
}
type Suite = (
  paths: readonly string[],
  sink: (result: Outcome) => void,
) => Promise<{ readonly total: number; readonly failed: number }>;

const suites: readonly { readonly command: string; readonly what: string; readonly run: Suite }[] = [
  { command: "statetest", what: "state tests", run: runStateTests },
  { command: "blocktest", what: "blockchain tests", run: runBlockTests },
];

/** `metis statetest` and `metis blocktest`: Ethereum's official fixtures on the kernel that nodes run. */
export function conformanceCommands(root: Command, io: Io): void {
  for (const { command, what, run } of suites)
    root
      .command(`${command} <path...>`)
      .description(`run Ethereum ${what}: fixture files, or folders of them`)
      .addHelpText("after", `\nWith --json one line a test.\n\nExample:\n  metis ${command} fixtures/ --json\n`)
      .action((paths: readonly string[]) => runSuite(paths, run, io));
}

async function runSuite(paths: readonly string[], run: Suite, io: Io): Promise<void> {
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new UsageError(`there is nothing at ${missing}`);
  const { total, failed } = await run(paths, (result) => {
    if (io.json) io.out(toJson(result));
    else if (!result.pass) io.out(`FAILED ${result.name} ${result.fork} ${result.index ?? ""}: ${result.error ?? ""}`);
  });
  if (total === 0)
    throw new UsageError("no test was found there: give fixture files (.json) or folders that hold some");
  io.note(`${total - failed} passed, ${failed} failed`);
  if (failed > 0) throw new ResultError("tests-failed", `${failed} of ${total} tests failed`);
}
