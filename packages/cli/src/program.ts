import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { adminCommand } from "./commands/admin.ts";
import { bridgeCommand } from "./commands/bridge.ts";
import { configCommand } from "./commands/config.ts";
import { conformanceCommands } from "./commands/conformance.ts";
import { devnetCommand } from "./commands/devnet.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { escapeCommand } from "./commands/escape.ts";
import { handoverCommand } from "./commands/handover.ts";
import { keysCommand } from "./commands/keys.ts";
import { nodeCommand } from "./commands/node.ts";
import { signerCommand } from "./commands/signer.ts";
import { stakeCommand } from "./commands/stake.ts";
import { statusCommand } from "./commands/status.ts";
import { UsageError, exitCode, reportError } from "./io.ts";
import type { Io } from "./io.ts";

const version = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string })
  .version;

/** Adds one command, or a family of them, to the root. */
export type AddCommand = (root: Command, io: Io) => void;

const commands: readonly AddCommand[] = [
  devnetCommand,
  nodeCommand,
  keysCommand,
  signerCommand,
  stakeCommand,
  bridgeCommand,
  statusCommand,
  doctorCommand,
  adminCommand,
  escapeCommand,
  handoverCommand,
  configCommand,
  conformanceCommands,
];

/** The whole `metis` command. */
export function createProgram(io: Io): Command {
  const root = new Command("metis")
    .description("Sequencers, nodes, bridge and devnet of the Metis rollup.")
    .version(version)
    .option("--json", "machine-readable output, one JSON value a line")
    .showHelpAfterError("(add --help for the options and an example)")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeErr: (text) => io.note(text.trimEnd()) });
  root.on("option:json", () => {
    io.json = true;
  });
  for (const add of commands) add(root, io);
  inheritExit(root);
  return root;
}

/** Subcommands leave by the same door as the root, and all of them know `--json`. */
function inheritExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride();
    inheritExit(child);
  }
}

/** Parses and runs; returns the exit code. Every error ends here, in one sentence. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  io.json = args.includes("--json");
  const root = createProgram(io);
  try {
    await root.parseAsync(
      args.filter((arg) => arg !== "--json"),
      { from: "user" },
    );
    return exitCode.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      reportError(io, error);
      return error instanceof UsageError ? exitCode.usage : exitCode.failed;
    }
    if (error.exitCode === 0) return exitCode.ok;
    // In words it has been said already.
    const said = error.code === "commander.help" ? "no command given: --help lists them" : error.message;
    if (io.json) reportError(io, new UsageError(said.replace(/^error: /, "")));
    return exitCode.usage;
  }
}
