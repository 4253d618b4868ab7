import {
  decodeChainConfig,
  decodeRlp,
  encodeChainConfig,
  encodeRlp,
  RlpFields,
  type ChainConfig,
  type Hash,
  type RlpItem,
} from "@metis/protocol";
import type { Address, Hex } from "viem";
import { keccak256 } from "viem/utils";
import { toHex } from "./bytes.ts";
import { MvmError } from "./errors.ts";

/** An account of block 0. */
export interface GenesisAccount {
  readonly nonce?: bigint;
  /** Wei of the chain's gas token. */
  readonly balance: bigint;
  readonly code?: Hex;
  /** 32-byte slots and values. */
  readonly storage?: Readonly<Record<Hex, Hex>>;
}

/** When a fork of Ethereum starts in pure mode. */
export interface ForkActivation {
  /** As crates/mvm names it: "Frontier" to "Osaka". */
  readonly name: string;
  readonly at: "block" | "time";
  readonly value: bigint;
}

/** Ethereum's blob limits and price curve from a timestamp on (EIP-7840, EIP-7892). */
export interface BlobParameters {
  readonly timestamp: bigint;
  readonly target: number;
  readonly max: number;
  readonly updateFraction: bigint;
}

/** Ethereum's schedules, used when the chain config says `pure`. */
export interface PureSchedule {
  readonly forks: readonly ForkActivation[];
  readonly blobs: readonly BlobParameters[];
  /** EIP-6110; absent: mainnet's. */
  readonly depositContract?: Address;
}

/** Fields of header 0 beside its roots; those a fork added are taken when that fork is active at genesis. */
export interface GenesisHeader {
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
  readonly baseFeePerGas?: bigint;
  readonly extraData: Hex;
  readonly coinbase: Address;
  readonly mixHash: Hash;
  readonly parentBeaconBlockRoot?: Hash;
  readonly difficulty?: bigint;
  /** 8 bytes. */
  readonly nonce?: Hex;
  readonly excessBlobGas?: bigint;
  readonly blobGasUsed?: bigint;
}

/** What a chain starts from. */
export interface Genesis {
  readonly chainConfig: ChainConfig;
  readonly alloc: Readonly<Record<Address, GenesisAccount>>;
  readonly header: GenesisHeader;
  readonly pure?: PureSchedule;
}

/** The kernel's `configure` request. */
export function encodeConfiguration(genesis: Pick<Genesis, "chainConfig" | "pure">): Uint8Array {
  const pure = genesis.pure ?? { forks: [], blobs: [] };
  return encodeRlp([
    decodeRlp(encodeChainConfig(genesis.chainConfig)),
    pure.forks.map((fork) => [Buffer.from(fork.name), fork.at === "time", fork.value]),
    pure.blobs.map((entry) => [entry.timestamp, entry.target, entry.max, entry.updateFraction]),
    pure.depositContract ?? "0x",
  ]);
}

/** What `encodeConfiguration` made; `pure` for chains of pure mode alone. Throws `DecodeError`. */
export function decodeConfiguration(bytes: Uint8Array): Pick<Genesis, "chainConfig" | "pure"> {
  const [config, forks, blobs, contract] = decodeRlp(bytes) as readonly RlpItem[];
  const chainConfig = decodeChainConfig(encodeRlp(config!));
  if (!chainConfig.pure) return { chainConfig };
  const depositContract = contract as Uint8Array;
  const pure: PureSchedule = {
    forks: (forks as readonly RlpItem[]).map((item) => readFork(new RlpFields("fork", item))),
    blobs: (blobs as readonly RlpItem[]).map((item) => readBlobs(new RlpFields("blob schedule", item))),
    ...(depositContract.length > 0 && { depositContract: toHex(depositContract) }),
  };
  return { chainConfig, pure };
}

const readFork = (fields: RlpFields): ForkActivation => ({
  name: Buffer.from(fields.bytes()).toString(),
  at: fields.boolean() ? "time" : "block",
  value: fields.uint(),
});

const readBlobs = (fields: RlpFields): BlobParameters => ({
  timestamp: fields.uint(),
  target: fields.number(),
  max: fields.number(),
  updateFraction: fields.uint(),
});

/**
 * The kernel's `genesis` request.
 * Throws `MvmError` "genesis-invalid" for accounts whose fields do not have the right form.
 */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  const { header } = genesis;
  const accounts = Object.entries(genesis.alloc).map(([address, account]) => [
    exact(address, 20, "address"),
    account.nonce ?? 0n,
    account.balance,
    account.code ?? "0x",
    Object.entries(account.storage ?? {}).map(([slot, value]) => [exact(slot, 32, "slot"), BigInt(value)]),
  ]);
  return encodeRlp([
    [
      header.timestamp,
      header.gasLimit,
      header.baseFeePerGas ?? [],
      header.extraData,
      exact(header.coinbase, 20, "coinbase"),
      exact(header.mixHash, 32, "mixHash"),
      header.parentBeaconBlockRoot === undefined
        ? []
        : exact(header.parentBeaconBlockRoot, 32, "parentBeaconBlockRoot"),
      header.difficulty ?? 0n,
      exact(header.nonce ?? "0x0000000000000000", 8, "nonce"),
      header.excessBlobGas ?? [],
      header.blobGasUsed ?? [],
      0n,
    ],
    accounts,
  ]);
}

function exact(value: string, length: number, what: string): Hex {
  if (!/^0x[0-9a-fA-F]*$/.test(value) || value.length !== 2 + 2 * length)
    throw new MvmError("genesis-invalid", `The genesis has a ${what} that is not ${length} bytes of 0x hex: ${value}.`);
  return value.toLowerCase() as Hex;
}

/** Tells one description of a genesis from another. */
export const genesisDigest = (configuration: Uint8Array, request: Uint8Array): Hash =>
  keccak256(Buffer.concat([configuration, request]));
