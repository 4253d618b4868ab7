import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "@metis/runtime";
import type { Child, Clock } from "@metis/runtime";
import { stringify, TomlDate } from "smol-toml";
import type { TomlTable } from "smol-toml";
import { devAccounts } from "./accounts.ts";
import type { DevnetFiles } from "./files.ts";
import { seatPort } from "./options.ts";
import type { DevnetOptions } from "./options.ts";

export interface Seat {
  readonly role: string;
  readonly rpc: string;
  readonly process: Child;
}

const startTimeoutMs = 60_000;
const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Writes what seat `index` needs: its config, and its keys in files that only their owner may read. */
function writeSeat(options: DevnetOptions, files: DevnetFiles, index: number, l1Rpc: string, port: number): string {
  const dataDir = files.seat(index);
  mkdirSync(dataDir, { recursive: true });
  const keyFile = (name: string, key: string): string => {
    const path = join(dataDir, `${name}.key`);
    files.write(path, `${key}\n`, true);
    return path;
  };
  const config = {
    dataDir,
    deployment: files.deployment,
    role: "sequencer",
    l1: { rpc: l1Rpc, beacon: [l1Rpc] },
    signer: { keyFile: keyFile("signer", devAccounts.sequencer.key) },
    batcher: { keyFile: keyFile("batcher", devAccounts.batcher.key), dataMode: options.dataMode },
    rpc: { host: "127.0.0.1", port },
  };
  const path = join(dataDir, "node.toml");
  files.write(path, stringify(merged(options.nodeOptions, config)));
  return path;
}

/** `over` on `base`, table by table. */
function merged(base: TomlTable, over: TomlTable): TomlTable {
  const result: TomlTable = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isTable(value) && isTable(below) ? merged(below, value) : value;
  }
  return result;
}

const isTable = (value: TomlTable[string] | undefined): value is TomlTable =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof TomlDate);

/** Starts seat `index` as a process of its own; its log goes to `seat-<index>.log`. Resolves when its RPC answers. */
export async function startSeat(
  options: DevnetOptions,
  files: DevnetFiles,
  index: number,
  l1Rpc: string,
  clock: Clock,
  hooks: { readonly log: (line: string) => void; readonly onExit: (reason: string) => void; readonly port?: number },
): Promise<Seat> {
  const role = `seat-${index}`;
  const config = writeSeat(options, files, index, l1Rpc, hooks.port ?? seatPort(options, index));
  const child = await startChild(
    {
      name: role,
      file: process.execPath,
      args: [...process.execArgv, main, "node", "run", "--config", config],
      onLine: hooks.log,
      onExit: hooks.onExit,
    },
    clock,
  );
  const [, rpc] = await child.line(/^ready (http:\/\/\S+)/, startTimeoutMs);
  return { role, rpc: rpc!, process: child };
}
