import { existsSync, readFileSync } from "node:fs";
import { nodeConfig } from "@metis/node";
import { flagName, loadConfig } from "@metis/runtime";
import type { LoadedConfig } from "@metis/runtime";
import type { Command } from "commander";
import { UsageError } from "../io.ts";

/** Adds `--config` and one flag for every option of a node. */
export function addNodeOptions(command: Command): Command {
  command.option("--config <file>", "TOML file with options; flags and environment win over it");
  for (const [key, row] of Object.entries(nodeConfig)) {
    const shown = row.default === undefined ? "" : ` (default: ${JSON.stringify(row.default, plain)})`;
    command.option(`${flagName(key)} <value>`, `${row.description}${shown}`);
  }
  return command;
}

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);

/** Flag as commander stores it: `--rpc-max-body-bytes` is `rpcMaxBodyBytes`. */
const storedName = (key: string): string =>
  flagName(key)
    .slice(2)
    .replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Flags over environment over file over default. Throws `ConfigError` with every problem, `UsageError` for a missing file. */
export function readNodeOptions(given: Readonly<Record<string, unknown>>): LoadedConfig<typeof nodeConfig> {
  const file = given["config"];
  if (typeof file === "string" && !existsSync(file)) throw new UsageError(`--config: there is no file ${file}`);
  const flags = Object.fromEntries(Object.keys(nodeConfig).map((key) => [key, given[storedName(key)]]));
  return loadConfig(nodeConfig, {
    ...(typeof file === "string" ? { toml: readFileSync(file, "utf8") } : {}),
    env: process.env,
    flags,
  });
}
