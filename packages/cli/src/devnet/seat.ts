import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNode, nodeConfig } from "@metis/node";
import { createLogger, loadConfig, startChild } from "@metis/runtime";
import type { Child, Clock } from "@metis/runtime";
import { stringify, TomlDate } from "smol-toml";
import type { TomlTable } from "smol-toml";
import { seatAccounts } from "./accounts.ts";
import type { DevnetFiles } from "./files.ts";
import type { DevnetOptions } from "./options.ts";

/** What runs a seat: a process of its own, or the devnet's. */
export type SeatProcess = Pick<Child, "pid" | "running" | "stop">;

export interface Seat {
  readonly role: string;
  readonly rpc: string;
  readonly process: SeatProcess;
}

/** Where a seat is reached. Its ports stay the same when it comes back, and the others must know its mesh beforehand. */
export interface SeatPlace {
  readonly index: number;
  readonly rpcPort: number;
  readonly meshPort: number;
}

export interface SeatHooks {
  readonly log: (line: string) => void;
  readonly onExit: (reason: string) => void;
}

/** What all seats of a devnet share. */
export interface SeatsOptions {
  readonly devnet: DevnetOptions;
  readonly files: DevnetFiles;
  readonly l1Rpc: string;
  readonly clock: Clock;
  /** Every seat of the pool, this one included. */
  readonly places: readonly SeatPlace[];
}

const host = "127.0.0.1";
const startTimeoutMs = 60_000;
/** Several seats share one machine: smaller nurseries of the heap save each of them about 100 MiB under light load. */
const sparing: readonly string[] = ["--max-semi-space-size=8"];
const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Writes what a seat needs: its config, and its keys in files that only their owner may read. Returns the config's path. */
function writeSeat({ devnet, files, l1Rpc, places }: SeatsOptions, { index, rpcPort, meshPort }: SeatPlace): string {
  const dataDir = files.seat(index);
  mkdirSync(dataDir, { recursive: true });
  const keyFile = (name: string, key: string): string => {
    const path = join(dataDir, `${name}.key`);
    files.write(path, `${key}\n`, true);
    return path;
  };
  const { signer, batcher } = seatAccounts(index);
  const others = places.filter((place) => place.index !== index);
  const config = {
    dataDir,
    deployment: files.deployment,
    role: "sequencer",
    l1: { rpc: l1Rpc, beacon: [l1Rpc] },
    signer: { keyFile: keyFile("signer", signer.key) },
    batcher: { keyFile: keyFile("batcher", batcher.key), dataMode: devnet.dataMode },
    pool: { listen: `${host}:${meshPort}`, peers: others.map(peerOf) },
    rpc: { host, port: rpcPort },
  };
  const path = join(dataDir, "node.toml");
  files.write(path, stringify(merged(devnet.nodeOptions, config)));
  return path;
}

/** A seat as `pool.peers` names it. */
export const peerOf = ({ index, meshPort }: SeatPlace): string =>
  `${seatAccounts(index).signer.account.address}@${host}:${meshPort}`;

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

/** Starts the seat of `place`; its log goes to `hooks.log`. Resolves when its RPC answers. */
export async function startSeat(options: SeatsOptions, place: SeatPlace, hooks: SeatHooks): Promise<Seat> {
  const role = `seat-${place.index}`;
  const config = writeSeat(options, place);
  if (options.devnet.inProcess) return { role, ...(await startHere(config, options.clock, hooks.log)) };
  const child = await startChild(
    {
      name: role,
      file: process.execPath,
      args: [...process.execArgv, ...sparing, main, "node", "run", "--config", config],
      ownGroup: true,
      onLine: hooks.log,
      onExit: hooks.onExit,
    },
    options.clock,
  );
  const [, rpc] = await child.ready(/^ready (http:\/\/\S+)/, startTimeoutMs);
  return { role, rpc: rpc!, process: child };
}

/** A seat inside this process: no kill reaches it alone, and all share one event loop. */
async function startHere(config: string, clock: Clock, log: SeatHooks["log"]): Promise<Omit<Seat, "role">> {
  const { values } = loadConfig(nodeConfig, { toml: readFileSync(config, "utf8") });
  const destination = { write: (line: string) => log(line.trimEnd()) };
  const node = createNode(values, { clock, logger: createLogger({ format: "json", destination }) });
  let running = true;
  const stop = async (): Promise<void> => {
    await node.stop();
    running = false;
  };
  try {
    await node.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    rpc: node.rpcUrl,
    process: {
      pid: process.pid,
      get running() {
        return running;
      },
      stop,
    },
  };
}
