import type { ChainConfig } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { MvmError } from "./errors.ts";
import type { BlobParameters, ForkActivation, Genesis, GenesisAccount } from "./genesis.ts";

/** Fork of crates/mvm by the key that geth's genesis.json has for it. */
const blockForks: readonly (readonly [key: string, name: string])[] = [
  ["homesteadBlock", "Homestead"],
  ["eip150Block", "TangerineWhistle"],
  ["eip158Block", "SpuriousDragon"],
  ["byzantiumBlock", "Byzantium"],
  ["constantinopleBlock", "Constantinople"],
  ["petersburgBlock", "Petersburg"],
  ["istanbulBlock", "Istanbul"],
  ["muirGlacierBlock", "MuirGlacier"],
  ["berlinBlock", "Berlin"],
  ["londonBlock", "London"],
  ["arrowGlacierBlock", "ArrowGlacier"],
  ["grayGlacierBlock", "GrayGlacier"],
];
const timeForks: readonly (readonly [key: string, name: string])[] = [
  ["shanghaiTime", "Shanghai"],
  ["cancunTime", "Cancun"],
  ["pragueTime", "Prague"],
  ["osakaTime", "Osaka"],
];

type Json = Readonly<Record<string, unknown>>;

const fail = (why: string): never => {
  throw new MvmError("genesis-invalid", `genesis.json: ${why}.`);
};

function object(value: unknown, what: string): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : fail(`${what} is not an object`);
}

/** A number, a decimal or 0x string; `undefined` and `null` stand for absent. */
function optionalInteger(value: unknown, what: string): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  const isInteger = (typeof value === "number" && Number.isSafeInteger(value)) || typeof value === "bigint";
  const isText = typeof value === "string" && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value);
  return isInteger || isText ? BigInt(value) : fail(`${what} is not an integer`);
}

const integer = (value: unknown, what: string): bigint => optionalInteger(value, what) ?? fail(`${what} is missing`);

/** Bytes with or without 0x; `size` pads short values at the left. */
function hex(value: unknown, what: string, size?: number): Hex {
  if (typeof (value ?? "") !== "string") fail(`${what} is not a string`);
  const text = ((value ?? "") as string).replace(/^0x/, "").toLowerCase();
  if (!/^[0-9a-f]*$/.test(text) || (size === undefined ? text.length % 2 === 1 : text.length > 2 * size))
    return fail(`${what} is not hex of the right length`);
  return `0x${size === undefined ? text : text.padStart(2 * size, "0")}`;
}

function forksOf(config: Json): ForkActivation[] {
  const forks: ForkActivation[] = [];
  const add = (at: ForkActivation["at"], key: string, name: string): void => {
    const value = optionalInteger(config[key], key);
    if (value !== undefined) forks.push({ name, at, value });
  };
  for (const [key, name] of blockForks) add("block", key, name);
  const difficulty = optionalInteger(config["terminalTotalDifficulty"], "terminalTotalDifficulty");
  const merge =
    optionalInteger(config["mergeNetsplitBlock"], "mergeNetsplitBlock") ?? (difficulty === 0n ? 0n : undefined);
  if (merge !== undefined) forks.push({ name: "Paris", at: "block", value: merge });
  for (const [key, name] of timeForks) add("time", key, name);
  return forks;
}

/** Every key of `blobSchedule` starts at the `<key>Time` of the config. */
function blobsOf(config: Json): BlobParameters[] {
  const schedule = config["blobSchedule"] === undefined ? {} : object(config["blobSchedule"], "blobSchedule");
  const entries = Object.entries(schedule).flatMap(([name, value]) => {
    const timestamp = optionalInteger(config[`${name}Time`], `${name}Time`);
    if (timestamp === undefined) return [];
    const entry = object(value, `blobSchedule.${name}`);
    return [
      {
        timestamp,
        target: Number(integer(entry["target"], `blobSchedule.${name}.target`)),
        max: Number(integer(entry["max"], `blobSchedule.${name}.max`)),
        updateFraction: integer(entry["baseFeeUpdateFraction"], `blobSchedule.${name}.baseFeeUpdateFraction`),
      },
    ];
  });
  return entries.toSorted((a, b) => Number(a.timestamp - b.timestamp));
}

function accountOf(value: unknown, address: Address): GenesisAccount {
  const account = object(value, `alloc.${address}`);
  const storage = account["storage"] === undefined ? {} : object(account["storage"], `alloc.${address}.storage`);
  const slots = Object.entries(storage).map(([slot, word]) => [hex(slot, "slot", 32), hex(word, "storage value", 32)]);
  return {
    balance: optionalInteger(account["balance"], "balance") ?? 0n,
    nonce: optionalInteger(account["nonce"], "nonce") ?? 0n,
    code: hex(account["code"], "code"),
    storage: Object.fromEntries(slots) as Record<Hex, Hex>,
  };
}

/** A chain config for pure mode: Ethereum's rules, and zero for what only a rollup has. */
export const pureChainConfig = (chainId: bigint, gasLimit: bigint): ChainConfig => ({
  version: 1,
  l1ChainId: 0n,
  l2ChainId: chainId,
  pure: true,
  blockTime: 0,
  heartbeat: 0,
  term: 0,
  gasLimit,
  depositGasLimit: 0n,
  maxBlockBytes: 0,
  maxBatchBytes: 0,
  maxBatchAge: 0,
  maxDrift: 0,
  maxAnchorStep: 0,
  maxBatchAnchors: 0,
  epochLength: 0,
  l1Depth: 0,
  genesisAnchorNumber: 0n,
  genesisAnchorHash: `0x${"00".repeat(32)}`,
  genesisAnchorTime: 0n,
  initialRate: 0n,
  l1BaseFeeScalar: 0,
  l1BlobBaseFeeScalar: 0,
  blobSchedule: [],
  forks: [],
});

/** Reads a parsed genesis.json in geth's form, for pure mode. Throws `MvmError` "genesis-invalid". */
export function parseGethGenesis(json: unknown): Genesis {
  const root = object(json, "the file");
  const config = object(root["config"], "config");
  const gasLimit = integer(root["gasLimit"], "gasLimit");
  const baseFee = optionalInteger(root["baseFeePerGas"], "baseFeePerGas");
  const contract = config["depositContractAddress"];
  const alloc = Object.entries(object(root["alloc"] ?? {}, "alloc")).map(([key, value]) => {
    const address = hex(key, "address", 20);
    return [address, accountOf(value, address)];
  });
  return {
    chainConfig: pureChainConfig(integer(config["chainId"], "chainId"), gasLimit),
    pure: {
      forks: forksOf(config),
      blobs: blobsOf(config),
      ...(contract === undefined ? {} : { depositContract: hex(contract, "depositContractAddress", 20) }),
    },
    alloc: Object.fromEntries(alloc) as Record<Address, GenesisAccount>,
    header: {
      timestamp: optionalInteger(root["timestamp"], "timestamp") ?? 0n,
      gasLimit,
      ...(baseFee === undefined ? {} : { baseFeePerGas: baseFee }),
      extraData: hex(root["extraData"], "extraData"),
      coinbase: hex(root["coinbase"], "coinbase", 20),
      mixHash: hex(root["mixHash"], "mixHash", 32),
      parentBeaconBlockRoot: hex(root["parentBeaconBlockRoot"], "parentBeaconBlockRoot", 32),
      difficulty: optionalInteger(root["difficulty"], "difficulty") ?? 0n,
      nonce: hex(root["nonce"], "nonce", 8),
      excessBlobGas: optionalInteger(root["excessBlobGas"], "excessBlobGas") ?? 0n,
      blobGasUsed: optionalInteger(root["blobGasUsed"], "blobGasUsed") ?? 0n,
    },
  };
}
