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
  metis node run --deployment deployment.json --l1-rpc http://127.0.0.1:8545 --data-dir replica --rpc-port 9645
`;

/** Adds `metis node run`. */
export function nodeRunCommand(node: Command, io: Io): void {
  addNodeOptions(node.command("run").description("run a sequencer, or a replica that follows L1"))
    .option("--log-level <level>", logLevels.join(", "), "info")
    .addHelpText("after", example)
    .action((given: Readonly<Record<string, unknown>>) => runNode(given, io));
}

/** Resolves at the first signal that asks for the end. */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(signal));
  });

async function runNode(given: Readonly<Record<string, unknown>>, io: Io): Promise<void> {
  const { values } = readNodeOptions(given);
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
