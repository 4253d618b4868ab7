import { parseArgs } from "node:util";
import { workloadNames } from "./blocks.ts";

/** What `--only` names. */
export const parts = ["compute", ...workloadNames, "state", "call", "overlap"] as const;

export interface BenchOptions {
  readonly only: readonly string[];
  readonly json: boolean;
  readonly rounds: number;
  readonly accounts: readonly number[];
  readonly stateAccounts: number;
  readonly stateFolder: string | undefined;
  readonly snailTracer: string | undefined;
  readonly uniswap: string | undefined;
}

const help = `The MVM's speed beside native revm, anvil and ethereumjs, in processor time: compare ratios, not seconds.

  npm run bench -w @metis/mvm                          everything (some minutes)
  npm run bench -w @metis/mvm -- --only erc20          one part; several with commas: ${parts.join(",")}

  --only PARTS         parts to run
  --json               one JSON array of tables instead of text
  --rounds N           repetitions of each measurement (default 5); medians are printed
  --accounts N,N       accounts of the state below the blocks; each is measured (default 20000,0)
  --state-accounts N   accounts of the large state (default 1000000; ten times that takes a quarter of an hour to write)
  --state-folder DIR   keeps the large state there and uses it again the next time
  --snailtracer FILE   also measures SnailTracer, whose licence keeps it out of here: runtime code in hex
  --uniswap FOLDER     also measures Uniswap v2 (same reason): a folder with a node_modules that holds
                       @uniswap/v2-core and @uniswap/v2-periphery

Native revm is built with cargo; without cargo, anvil's eth_call stands for it.`;

function fail(message: string): never {
  console.error(`${message}\nSee: npm run bench -w @metis/mvm -- --help`);
  process.exit(2);
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) fail(`--${name} takes a whole number above zero, not ${text}.`);
  return value;
}

/** Whole numbers between commas. */
function counts(name: string, text: string): readonly number[] {
  const values = text.split(",").map(Number);
  if (values.some((value) => !Number.isSafeInteger(value) || value < 0))
    fail(`--${name} takes whole numbers between commas, not ${text}.`);
  return values;
}

function partsOf(text: string | undefined): readonly string[] {
  if (text === undefined) return parts;
  const named = text.split(",");
  const unknown = named.find((name) => !parts.some((part) => part === name));
  return unknown === undefined ? named : fail(`--only knows ${parts.join(", ")}, not ${unknown}.`);
}

const flags = {
  help: { type: "boolean", short: "h", default: false },
  only: { type: "string" },
  json: { type: "boolean", default: false },
  rounds: { type: "string", default: "5" },
  accounts: { type: "string", default: "20000,0" },
  "state-accounts": { type: "string", default: "1000000" },
  "state-folder": { type: "string" },
  snailtracer: { type: "string" },
  uniswap: { type: "string" },
} as const;

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: flags }).values;
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Reads the command line; ends the process after `--help` and for what it does not understand. */
export function readOptions(args: string[]): BenchOptions {
  const values = parse(args);
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  return {
    only: partsOf(values.only),
    json: values.json,
    rounds: count("rounds", values.rounds),
    accounts: counts("accounts", values.accounts),
    stateAccounts: count("state-accounts", values["state-accounts"]),
    stateFolder: values["state-folder"],
    snailTracer: values.snailtracer,
    uniswap: values.uniswap,
  };
}
