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
  readonly seats: number;
  readonly profile: Profile;
  /** 0: every port is a free one. */
  readonly portBase: number | undefined;
  readonly dataMode: "auto" | "blobs" | "calldata";
  readonly reset: boolean;
  /** Node options that every seat runs with, as TOML tables; the devnet's own come on top. */
  readonly nodeOptions: TomlTable;
}

/** Default ports: L1 8545, seat i 9545 + i. With a base B: L1 B, seat i B + 1000 + i. */
export const l1Port = ({ portBase }: DevnetOptions): number => portBase ?? 8545;
export const seatPort = ({ portBase }: DevnetOptions, index: number): number =>
  portBase === 0 ? 0 : (portBase === undefined ? 9545 : portBase + 1000) + index;

/** What commander read, before it is checked. */
export interface RawDevnetOptions {
  readonly dataDir: string;
  readonly seats: string;
  readonly profile: string;
  readonly blockTime?: string;
  readonly portBase?: string;
  readonly engine: string;
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
  const seats = integer("--seats", raw.seats, 1, 32);
  if (seats > 1)
    throw new UsageError("--seats above 1 needs the pool of sequencers, which this version does not have yet");
  oneOf("--engine", raw.engine, ["solo"]);
  const base = profiles[oneOf("--profile", raw.profile, ["devnet", "fast"])];
  const blockTime = raw.blockTime === undefined ? base.chain.blockTime : integer("--block-time", raw.blockTime, 1, 60);
  return {
    dataDir: raw.dataDir,
    seats,
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
