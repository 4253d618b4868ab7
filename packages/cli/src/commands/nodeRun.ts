import { createNode, createPureNode } from "@metis/node";
import { createLogger, systemClock } from "@metis/runtime";
import type { LogLevel } from "@metis/runtime";
import type { Command } from "commander";
import { UsageError, toJson } from "../io.ts";
import type { Io } from "../io.ts";
import { stopSignal } from "../stopSignal.ts";
import { addNodeOptions, readNodeOptions } from "./nodeOptions.ts";

const logLevels: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "silent"];

const example = `
Prints "ready URL" once JSON-RPC answers; logs go to standard error. SIGTERM or Ctrl-C stops it cleanly.

Examples:
  metis node run --config node.toml
  metis node run --replica --feed http://127.0.0.1:9545 --deployment deployment.json --data-dir replica --port 9645
  metis node run --pure --data-dir chain --port 8545
`;

/** Adds `metis node run`. */
export function nodeRunCommand(node: Command, io: Io): void {
  addNodeOptions(node.command("run").description("run a sequencer, or a replica that follows L1 and signed blocks"))
    .option("--replica", "short for --role replica")
    .option("--feed <urls>", "short for --feed-urls, and for --sequencer-rpc unless that is given")
    .option("--pure", 'serve the Ethereum chain that "metis node import" left in the data directory')
    .option("--port <port>", "short for --rpc-port")
    .option("--log-level <level>", logLevels.join(", "), "info")
    .addHelpText("after", example)
    .action((given: Readonly<Record<string, unknown>>) => runNode(given, io));
}

/** What says something of a rollup's node, which one in pure mode is not. */
const rollupFlags = ["replica", "feed", "role", "deployment", "sequencerRpc", "feedUrls"] as const;

/** `--replica`, `--feed` and `--port` as the options that they stand for. Throws `UsageError` when both say different things. */
export function withShorthands(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { replica, feed, port, ...flags } = given;
  const role = replica === true ? "replica" : undefined;
  const clash = (name: string, short: unknown): boolean =>
    short !== undefined && flags[name] !== undefined && flags[name] !== short;
  if (clash("role", role)) throw new UsageError(`--replica and --role ${String(flags["role"])} contradict one another`);
  if (clash("rpcPort", port)) throw new UsageError("give either --port or --rpc-port");
  if (clash("feedUrls", feed)) throw new UsageError("give either --feed or --feed-urls");
  return {
    ...flags,
    ...(role !== undefined ? { role } : {}),
    ...(port !== undefined ? { rpcPort: port } : {}),
    ...(feed !== undefined ? { feedUrls: feed, sequencerRpc: flags["sequencerRpc"] ?? feed } : {}),
  };
}

/** Throws `UsageError` for `--pure` beside what only a rollup's node understands. */
export function checkPure(given: Readonly<Record<string, unknown>>): void {
  const other = rollupFlags.find((flag) => given[flag] !== undefined);
  if (given["pure"] === true && other !== undefined)
    throw new UsageError(`--pure serves an imported chain: --${kebab(other)} means nothing to it`);
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

async function runNode(given: Readonly<Record<string, unknown>>, io: Io): Promise<void> {
  checkPure(given);
  const { values } = readNodeOptions(withShorthands(given));
  const level = logLevels.find((known) => known === given["logLevel"]);
  if (level === undefined) throw new UsageError(`--log-level takes ${logLevels.join(", ")}`);
  const stopped = stopSignal();
  const logger = createLogger({ level });
  const create = given["pure"] === true ? createPureNode : createNode;
  const node = create(values, { logger, clock: systemClock() });
  try {
    const ended = await Promise.race([node.start(), stopped]);
    if (ended !== undefined) return;
    io.out(io.json ? toJson({ ready: true, rpc: node.rpcUrl }) : `ready ${node.rpcUrl}`);
    logger.info("stopping", { signal: await stopped });
  } finally {
    await node.stop();
  }
}
