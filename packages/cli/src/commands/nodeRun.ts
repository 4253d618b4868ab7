import { createNode } from "@metis/node";
import { createLogger, systemClock } from "@metis/runtime";
import type { LogLevel } from "@metis/runtime";
import type { Command } from "commander";
import { UsageError, toJson } from "../io.ts";
import type { Io } from "../io.ts";
import { addNodeOptions, readNodeOptions } from "./nodeOptions.ts";

const logLevels: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "silent"];

const example = `
Prints "ready URL" once JSON-RPC answers; logs go to standard error. SIGTERM or Ctrl-C stops it cleanly.

Examples:
  metis node run --config node.toml
  metis node run --replica --feed http://127.0.0.1:9545 --deployment deployment.json --data-dir replica --rpc-port 9645
`;

/** Adds `metis node run`. */
export function nodeRunCommand(node: Command, io: Io): void {
  addNodeOptions(node.command("run").description("run a sequencer, or a replica that follows L1 and signed blocks"))
    .option("--replica", "short for --role replica")
    .option("--feed <urls>", "short for --feed-urls, and for --sequencer-rpc unless that is given")
    .option("--log-level <level>", logLevels.join(", "), "info")
    .addHelpText("after", example)
    .action((given: Readonly<Record<string, unknown>>) => runNode(given, io));
}

/** Resolves at the first signal that asks for the end. */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(signal));
  });

/** `--replica` and `--feed` as the options that they stand for. Throws `UsageError` when both say different things. */
export function withShorthands(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { replica, feed, ...flags } = given;
  const role = replica === true ? "replica" : undefined;
  const clash = (name: string, short: unknown): boolean =>
    short !== undefined && flags[name] !== undefined && flags[name] !== short;
  if (clash("role", role)) throw new UsageError(`--replica and --role ${String(flags["role"])} contradict one another`);
  if (clash("feedUrls", feed)) throw new UsageError("give either --feed or --feed-urls");
  return {
    ...flags,
    ...(role !== undefined ? { role } : {}),
    ...(feed !== undefined ? { feedUrls: feed, sequencerRpc: flags["sequencerRpc"] ?? feed } : {}),
  };
}

async function runNode(given: Readonly<Record<string, unknown>>, io: Io): Promise<void> {
  const { values } = readNodeOptions(withShorthands(given));
  const level = logLevels.find((known) => known === given["logLevel"]);
  if (level === undefined) throw new UsageError(`--log-level takes ${logLevels.join(", ")}`);
  const stopped = stopSignal();
  const logger = createLogger({ level });
  const node = createNode(values, { logger, clock: systemClock() });
  try {
    const ended = await Promise.race([node.start(), stopped]);
    if (ended !== undefined) return;
    io.out(io.json ? toJson({ ready: true, rpc: node.rpcUrl }) : `ready ${node.rpcUrl}`);
    logger.info("stopping", { signal: await stopped });
  } finally {
    await node.stop();
  }
}
