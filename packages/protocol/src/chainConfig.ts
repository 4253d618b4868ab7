import { keccak256, stringToHex } from "viem/utils";
import type { Hash } from "./brands.ts";
import { DecodeError } from "./decodeError.ts";
import { RlpFields, decodeRlp, encodeRlp, type RlpItem } from "./rlp.ts";
import type { ChainConfig } from "./structs.ts";

const maxSchedule = 64;
const maxForkName = 32;

/** RLP in the order of docs/spec/structs.md, "Chain config". */
export const encodeChainConfig = (config: ChainConfig): Uint8Array =>
  encodeRlp([
    config.version,
    config.l1ChainId,
    config.l2ChainId,
    config.pure,
    config.blockTime,
    config.heartbeat,
    config.term,
    config.gasLimit,
    config.depositGasLimit,
    config.maxBlockBytes,
    config.maxBatchBytes,
    config.maxBatchAge,
    config.maxDrift,
    config.maxAnchorStep,
    config.maxBatchAnchors,
    config.epochLength,
    config.l1Depth,
    config.genesisAnchorNumber,
    config.genesisAnchorHash,
    config.genesisAnchorTime,
    config.initialRate,
    config.l1BaseFeeScalar,
    config.l1BlobBaseFeeScalar,
    config.blobSchedule.map((entry) => [entry.l1Timestamp, entry.baseFeeUpdateFraction]),
    config.forks.map((fork) => [stringToHex(fork.name), fork.l2Timestamp]),
  ]);

/** keccak256 of the config's RLP, as SystemConfig keeps it (docs/spec/structs.md, "Chain config"). */
export const chainConfigHash = (config: ChainConfig): Hash => keccak256(encodeChainConfig(config));

function ascending<Entry>(entries: readonly Entry[], key: (entry: Entry) => bigint, what: string): readonly Entry[] {
  if (entries.some((entry, i) => i > 0 && key(entries[i - 1]!) > key(entry)))
    throw new DecodeError("chain config", `${what} does not ascend`);
  return entries;
}

function bounded(items: readonly RlpItem[], what: string): readonly RlpItem[] {
  if (items.length > maxSchedule) throw new DecodeError("chain config", `${what} has more than ${maxSchedule} entries`);
  return items;
}

function readBlobEntry(item: RlpItem): ChainConfig["blobSchedule"][number] {
  const fields = new RlpFields("blob schedule entry", item);
  const entry = { l1Timestamp: fields.uint(64), baseFeeUpdateFraction: fields.uint(64) };
  fields.end();
  return entry;
}

function readFork(item: RlpItem): ChainConfig["forks"][number] {
  const fields = new RlpFields("fork", item);
  const bytes = fields.bytes(maxForkName);
  const l2Timestamp = fields.uint(64);
  fields.end();
  let name: string;
  try {
    name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DecodeError("fork", "name is not UTF-8");
  }
  return { name, l2Timestamp };
}

/** Throws `DecodeError` on anything but canonical bytes of version 1. */
export function decodeChainConfig(bytes: Uint8Array): ChainConfig {
  const fields = new RlpFields("chain config", decodeRlp(bytes));
  const version = fields.number();
  if (version !== 1) throw new DecodeError("chain config", `version ${version} is unknown`);
  const config: ChainConfig = {
    version,
    l1ChainId: fields.uint(64),
    l2ChainId: fields.uint(64),
    pure: fields.boolean(),
    blockTime: fields.number(),
    heartbeat: fields.number(),
    term: fields.number(),
    gasLimit: fields.uint(64),
    depositGasLimit: fields.uint(64),
    maxBlockBytes: fields.number(),
    maxBatchBytes: fields.number(),
    maxBatchAge: fields.number(),
    maxDrift: fields.number(),
    maxAnchorStep: fields.number(),
    maxBatchAnchors: fields.number(),
    epochLength: fields.number(),
    l1Depth: fields.number(),
    genesisAnchorNumber: fields.uint(64),
    genesisAnchorHash: fields.fixed(32),
    genesisAnchorTime: fields.uint(64),
    initialRate: fields.uint(),
    l1BaseFeeScalar: fields.number(),
    l1BlobBaseFeeScalar: fields.number(),
    blobSchedule: ascending(
      bounded(fields.list(), "blobSchedule").map(readBlobEntry),
      (entry) => entry.l1Timestamp,
      "blobSchedule",
    ),
    forks: ascending(bounded(fields.list(), "forks").map(readFork), (fork) => fork.l2Timestamp, "forks"),
  };
  fields.end();
  return config;
}
