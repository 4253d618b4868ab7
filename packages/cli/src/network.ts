import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { MetisL1Contracts } from "@metis/client";
import { decodeDeployment } from "@metis/node";
import { openKeyFile } from "@metis/runtime";
import type { Command } from "commander";
import { createClient, http, isHex } from "viem";
import type { Account, Client, LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { DevnetSummary } from "./devnet/devnet.ts";
import { DevnetFiles } from "./devnet/files.ts";
import { UsageError } from "./io.ts";
import type { Io } from "./io.ts";
import { knownPassword } from "./keys/passwords.ts";

/** What the user says about where the chain is; a devnet's folder knows all of it. */
export interface NetworkFlags {
  readonly dataDir: string;
  readonly l1Rpc?: string;
  readonly l2Rpc?: string;
  readonly deployment?: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
}

/** L1, the chain's contracts on it, and who acts. */
export interface L1Network {
  readonly l1: Client;
  readonly l1Url: string;
  readonly contracts: MetisL1Contracts;
  /** Throws `UsageError` when no key was given, `KeyError` when its file cannot be opened. */
  readonly account: () => Promise<Account>;
}

/** Both layers. */
export interface Network extends L1Network {
  readonly l2: Client;
  readonly l2Url: string;
}

/** Environment variable with the key of who acts, for those who keep no file. */
export const keyVariable = "METIS_PRIVATE_KEY";

/** Adds the options that `openL1` reads. */
export const withL1Options = (command: Command): Command =>
  command
    .option(
      "--data-dir <folder>",
      "folder of a devnet: endpoints, contracts and a funded key come from there",
      ".devnet",
    )
    .option("--l1-rpc <url>", "L1 endpoint")
    .option("--deployment <file>", "deployment.json of the chain");

/** Adds the options that `openNetwork` reads. */
export const withNetworkOptions = (command: Command): Command =>
  withL1Options(command).option("--l2-rpc <url>", "L2 endpoint");

/** Adds `--key-file` and `--password-file` for commands that sign. */
export const withKeyOption = (command: Command): Command =>
  command
    .option(
      "--key-file <file>",
      `keystore, or file with the 0x private key; or set ${keyVariable}; on a devnet its first account`,
    )
    .option("--password-file <file>", "its first line is the keystore's password; asked for otherwise");

/** Finds the chain. Throws `UsageError` that says what to give. */
export function openNetwork(flags: NetworkFlags, io: Io): Network {
  const l1 = openL1(flags, io);
  return { ...l1, ...(openL2(flags) ?? missing("--l2-rpc", flags)) };
}

/** The chain's half on L2, where it is known. Throws `UsageError` for an address that is none. */
export function openL2(flags: NetworkFlags): Pick<Network, "l2" | "l2Url"> | undefined {
  const l2Url = flags.l2Rpc ?? seatIn(readDevnet(flags.dataDir));
  return l2Url === undefined ? undefined : { l2: clientOf("--l2-rpc", l2Url), l2Url };
}

/** Finds the chain's half on L1. Throws `UsageError` that says what to give. */
export function openL1(flags: NetworkFlags, io: Io): L1Network {
  const devnet = readDevnet(flags.dataDir);
  const l1Url = flags.l1Rpc ?? devnet?.l1.rpc ?? missing("--l1-rpc", flags);
  let account: Promise<Account> | undefined;
  return {
    l1: clientOf("--l1-rpc", l1Url),
    l1Url,
    contracts: contractsOf(flags, devnet),
    account: () => (account ??= actingAccount(flags, devnet, io)),
  };
}

function clientOf(flag: string, url: string): Client {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new UsageError(`${flag} takes an http or https address, not "${url}"`);
  return createClient({ transport: http(url), cacheTime: 0, pollingInterval: 500 });
}

function readDevnet(dataDir: string): DevnetSummary | undefined {
  const { summary } = new DevnetFiles(resolve(dataDir));
  return existsSync(summary) ? (JSON.parse(readFileSync(summary, "utf8")) as DevnetSummary) : undefined;
}

/** Endpoint of the first seat of a devnet whose process runs; seats inside the devnet's own process are none of their own. */
function seatIn(devnet: DevnetSummary | undefined): string | undefined {
  const { rpc, processes } = { rpc: devnet?.l2.rpc ?? [], processes: devnet?.processes ?? [] };
  return rpc.find((_, index) => processes.some(({ role }) => role === `seat-${index}`)) ?? rpc[0];
}

function missing(flag: string, flags: NetworkFlags): never {
  throw new UsageError(
    `no devnet in ${resolve(flags.dataDir)}: start one with \`metis devnet\`, or give ${flag} and --deployment`,
  );
}

function contractsOf(flags: NetworkFlags, devnet: DevnetSummary | undefined): MetisL1Contracts {
  if (flags.deployment !== undefined) {
    if (!existsSync(flags.deployment)) throw new UsageError(`--deployment: there is no file ${flags.deployment}`);
    return decodeDeployment(readFileSync(flags.deployment)).genesisConfig;
  }
  return (devnet?.contracts as MetisL1Contracts | undefined) ?? missing("--deployment", flags);
}

async function actingAccount(flags: NetworkFlags, devnet: DevnetSummary | undefined, io: Io): Promise<Account> {
  if (flags.keyFile !== undefined) return openAccount(flags.keyFile, flags.passwordFile);
  const given = process.env[keyVariable];
  if (given !== undefined) return accountOf(given.trim(), keyVariable);
  const known = devnet?.accounts[0];
  if (!known) throw new UsageError(`no key to sign with: give --key-file, or set ${keyVariable}`);
  io.note(`signing as ${known.address}, the devnet's first account, whose key everybody knows`);
  return accountOf(known.privateKey, join(flags.dataDir, "devnet.json"));
}

/** The account of a key file of either kind. Throws `KeyError`. */
export async function openAccount(file: string, passwordFile?: string, option?: string): Promise<LocalAccount> {
  const key = await openKeyFile(file, (path) => knownPassword(path, passwordFile, option));
  return accountOf(key.reveal(), `the file ${file}`);
}

function accountOf(key: string, where: string): LocalAccount {
  if (!isHex(key) || key.length !== 66) throw new UsageError(`${where} holds no private key (0x and 64 hex digits)`);
  try {
    return privateKeyToAccount(key);
  } catch {
    throw new UsageError(`${where} holds no private key: it is zero, or not below the order of secp256k1`);
  }
}
