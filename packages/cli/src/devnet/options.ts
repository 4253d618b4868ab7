import { existsSync, readFileSync } from "node:fs";
import { nodeConfig } from "@metis/node";
import { profiles } from "@metis/protocol";
import type { Profile } from "@metis/protocol";
import { ConfigError, loadConfig } from "@metis/runtime";
import { parse } from "smol-toml";
import type { TomlTable } from "smol-toml";
import { UsageError } from "../io.ts";

export interface DevnetOptions {
  readonly dataDir: string;
  /** Nothing: as many as the folder's devnet has, or `defaultSeats`. */
  readonly seats: number | undefined;
  /** Seats run inside this process instead of one process each. */
  readonly inProcess: boolean;
  readonly profile: Profile;
  /** 0: every port is a free one. */
  readonly portBase: number | undefined;
  readonly dataMode: "auto" | "blobs" | "calldata";
  readonly reset: boolean;
  /** Node options that every seat runs with, as TOML tables; the devnet's own come on top. */
  readonly nodeOptions: TomlTable;
}

/** Seats of a new devnet. */
export const defaultSeats = 4;
const maxSeats = 32;

/** Default ports: L1 8545, seat i 9545 + i, its mesh 10545 + i. With a base B: B, B + 1000 + i, B + 2000 + i. */
export const l1Port = ({ portBase }: DevnetOptions): number => portBase ?? 8545;
export const seatPort = ({ portBase }: DevnetOptions, index: number): number =>
  portBase === 0 ? 0 : (portBase === undefined ? 9545 : portBase + 1000) + index;
export const meshPort = ({ portBase }: DevnetOptions, index: number): number =>
  portBase === 0 ? 0 : (portBase === undefined ? 10_545 : portBase + 2000) + index;

/** What commander read, before it is checked. */
export interface RawDevnetOptions {
  readonly dataDir: string;
  readonly seats?: string;
  readonly inProcess?: boolean;
  readonly profile: string;
  readonly blockTime?: string;
  readonly portBase?: string;
  readonly da: string;
  readonly reset?: boolean;
  readonly config?: string;
}

function integer(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new UsageError(`${flag} takes an integer from ${min} to ${max}, not "${text}"`);
  return value;
}

function oneOf<const T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((option) => option === text);
  if (found === undefined) throw new UsageError(`${flag} takes ${allowed.join(", ")}, not "${text}"`);
  return found;
}

/** Throws `UsageError`, naming the flag. */
export function parseDevnetOptions(raw: RawDevnetOptions): DevnetOptions {
  const base = profiles[oneOf("--profile", raw.profile, ["devnet", "fast"])];
  const blockTime = raw.blockTime === undefined ? base.chain.blockTime : integer("--block-time", raw.blockTime, 1, 60);
  return {
    dataDir: raw.dataDir,
    seats: raw.seats === undefined ? undefined : integer("--seats", raw.seats, 1, maxSeats),
    inProcess: raw.inProcess === true,
    profile: { ...base, chain: { ...base.chain, blockTime } },
    portBase: raw.portBase === undefined ? undefined : integer("--port-base", raw.portBase, 0, 60_000),
    dataMode: oneOf("--da", raw.da, ["auto", "blobs", "calldata"]),
    reset: raw.reset === true,
    nodeOptions: raw.config === undefined ? {} : readNodeConfig(raw.config),
  };
}

/** The file must be one that a node takes, so that a seat does not fail on it later. */
function readNodeConfig(path: string): TomlTable {
  if (!existsSync(path)) throw new UsageError(`--config: there is no file ${path}`);
  const toml = readFileSync(path, "utf8");
  try {
    loadConfig(nodeConfig, { toml });
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`--config ${path}: ${error.message}`);
    throw error;
  }
  return parse(toml);
}
