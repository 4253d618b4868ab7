import { crc32 } from "node:zlib";
import type { PureSchedule } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import type { Hex } from "viem";
import { quantity, type Json, type JsonObject } from "./format.ts";

/** Names of EIP-7910 for the precompiles, by the fork that brought them. */
const precompilesByFork: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Frontier: { ECREC: 0x01, SHA256: 0x02, RIPEMD160: 0x03, ID: 0x04 },
  Byzantium: { MODEXP: 0x05, BN254_ADD: 0x06, BN254_MUL: 0x07, BN254_PAIRING: 0x08 },
  Istanbul: { BLAKE2F: 0x09 },
  Cancun: { KZG_POINT_EVALUATION: 0x0a },
  Prague: {
    BLS12_G1ADD: 0x0b,
    BLS12_G1MSM: 0x0c,
    BLS12_G2ADD: 0x0d,
    BLS12_G2MSM: 0x0e,
    BLS12_PAIRING_CHECK: 0x0f,
    BLS12_MAP_FP_TO_G1: 0x10,
    BLS12_MAP_FP2_TO_G2: 0x11,
  },
  Osaka: { P256VERIFY: 0x100 },
};
const systemContractsByFork: Readonly<Record<string, Readonly<Record<string, Hex>>>> = {
  Cancun: { BEACON_ROOTS_ADDRESS: "0x000f3df6d732807ef1319fb7b8bb8522d0beac02" },
  Prague: { HISTORY_STORAGE_ADDRESS: "0x0000f90827f1c53a10cb7a02335b175320002935" },
};
/** Contracts that L2 does not call. */
const requestContracts: Readonly<Record<string, Hex>> = {
  CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS: "0x0000bbddc7ce488642fb579f8b00f3a590007251",
  WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS: "0x00000961ef480eb55e80d19ad83579a64c007002",
};
const mainnetDepositContract: Hex = "0x00000000219ab540356cbb839cbe05303d7705fa";

/** EIP-2124: CRC-32 over the genesis hash and every activation passed, those at genesis left out. */
export function forkId(genesis: Hash, passed: readonly bigint[]): Hex {
  let sum = crc32(Buffer.from(genesis.slice(2), "hex"));
  for (const value of passed) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    sum = crc32(bytes, sum);
  }
  return `0x${sum.toString(16).padStart(8, "0")}`;
}

const addressOf = (number: number): Hex => `0x${number.toString(16).padStart(40, "0")}`;

const isActiveAt = (schedule: PureSchedule | undefined, name: string, time: bigint): boolean =>
  !schedule ||
  name === "Frontier" ||
  schedule.forks.some((fork) => fork.name === name && (fork.at === "block" || fork.value <= time));

/** Addresses that answer as precompiles in a block of that time. */
export function precompilesAt(schedule: PureSchedule | undefined, time: bigint): ReadonlySet<Hex> {
  const active = Object.entries(precompilesByFork).filter(([fork]) => isActiveAt(schedule, fork, time));
  return new Set(active.flatMap(([, list]) => Object.values(list).map(addressOf)));
}

export interface ForkFacts {
  readonly chainId: bigint;
  readonly genesisHash: Hash;
  readonly genesisTime: bigint;
  /** Absent on L2: every fork up to Osaka is active from the genesis on. */
  readonly schedule: PureSchedule | undefined;
}

const ascending = (values: Iterable<bigint>): bigint[] =>
  [...new Set(values)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** `eth_config` (EIP-7910): the rules at `now`, those that come next, and the last ones known. */
export function forkConfig(facts: ForkFacts, now: bigint): JsonObject {
  const { schedule, genesisTime } = facts;
  const timeForks = (schedule?.forks ?? []).filter(({ at }) => at === "time").map(({ value }) => value);
  const activations = ascending([...timeForks, ...(schedule?.blobs ?? []).map(({ timestamp }) => timestamp)]);
  const times = [0n, ...activations.filter((time) => time > genesisTime)];
  const current = times.findLast((time) => time <= now) ?? 0n;
  const later = times.filter((time) => time > now);
  const at = (time: bigint | undefined): Json => (time === undefined ? null : configAt(facts, time, times));
  return { current: at(current), next: at(later[0]), last: at(later.at(-1)) };
}

function configAt(facts: ForkFacts, time: bigint, times: readonly bigint[]): JsonObject {
  const { schedule, chainId, genesisHash } = facts;
  const isActive = (name: string): boolean => isActiveAt(schedule, name, time);
  const blocks = (schedule?.forks ?? [])
    .filter(({ at, value }) => at === "block" && value > 0n)
    .map(({ value }) => value);
  const blob = schedule?.blobs.findLast(({ timestamp }) => timestamp <= time);
  const passed = [...ascending(blocks), ...times.filter((value) => value > 0n && value <= time)];
  const precompiles = Object.entries(precompilesByFork).flatMap(([fork, list]) =>
    isActive(fork) ? Object.entries(list) : [],
  );
  const contracts = Object.entries(systemContractsByFork).flatMap(([fork, list]) =>
    isActive(fork) ? Object.entries(list) : [],
  );
  if (schedule && isActive("Prague")) {
    contracts.push(...Object.entries(requestContracts));
    contracts.push(["DEPOSIT_CONTRACT_ADDRESS", schedule.depositContract ?? mainnetDepositContract]);
  }
  return {
    activationTime: Number(time),
    blobSchedule: blob
      ? { baseFeeUpdateFraction: Number(blob.updateFraction), max: blob.max, target: blob.target }
      : null,
    chainId: quantity(chainId),
    forkId: forkId(genesisHash, passed),
    precompiles: Object.fromEntries(precompiles.map(([name, address]) => [name, addressOf(address)])),
    systemContracts: Object.fromEntries(contracts),
  };
}
