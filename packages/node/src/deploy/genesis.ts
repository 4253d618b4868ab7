import { applyAlias, genesisExtraData, predeploys, type ChainConfig, type Hash } from "@metis/protocol";
import {
  feeVaultRuntime,
  gasPriceOracleRuntime,
  l1BlockRuntime,
  l2CrossDomainMessengerRuntime,
  l2StandardBridgeRuntime,
  l2ToL1MessagePasserRuntime,
  metisETHRuntime,
  metisSequencerSetRuntime,
  mintableERC20FactoryRuntime,
  proxyAdminRuntime,
  proxyImmutable,
  proxyRuntime,
} from "@metis/protocol/contracts";
import { hexToBigInt, numberToHex, type Address, type Hex } from "viem";
import { blobBaseFee } from "./blobFee.ts";
import { preinstalls, replaceWord } from "./preinstalls.ts";
import {
  namespaceSlot,
  packed,
  proxyStorage,
  storageFrom,
  word,
  type ContractStorage,
  type GenesisAccount,
} from "./storage.ts";

/** Block 0 of L2, before its roots are computed. Accounts are keyed by lower-case address. */
export interface L2Genesis {
  readonly chainConfig: ChainConfig;
  readonly alloc: Readonly<Record<Address, GenesisAccount>>;
  readonly header: {
    readonly timestamp: bigint;
    readonly gasLimit: bigint;
    readonly baseFeePerGas: bigint;
    readonly extraData: Hex;
    readonly coinbase: Address;
    readonly mixHash: Hash;
    readonly parentBeaconBlockRoot: Hash;
  };
}

/** What L1Block shows before the first anchor move: fields of the genesis anchor's L1 header. */
export interface GenesisAnchorHeader {
  readonly baseFeePerGas: bigint;
  readonly excessBlobGas: bigint;
  readonly mixHash: Hash;
  readonly parentBeaconBlockRoot: Hash;
}

export interface L2GenesisParameters {
  readonly chainConfig: ChainConfig;
  readonly anchor: GenesisAnchorHeader;
  /** Where the other halves of messenger and bridge stand on L1, and what attendance and fees go to. */
  readonly l1: { readonly messenger: Address; readonly standardBridge: Address; readonly emissionReserve: Address };
  /** L1 account whose alias owns the ProxyAdmin: the timelock. */
  readonly admin: Address;
  /** METIS wei; the deployer backs the sum with METIS in the Portal's escrow. */
  readonly balances: Readonly<Record<Address, bigint>>;
}

/** Base fee of block 0 in METIS wei: 1 gwei, as on Ethereum. */
const initialBaseFee = 1_000_000_000n;

interface Implementation {
  readonly runtime: Hex;
  readonly storage?: ContractStorage;
}

/** Address of a predeploy's implementation: a recognisable name with the predeploy's last two bytes. */
export const implementationOf = (predeploy: Address): Address =>
  numberToHex(0xc0d3_c0d3_c0d3_c0d3_c0d3_c0d3_c0d3_c0d3_c0d3_0000n | (hexToBigInt(predeploy) & 0xffffn), { size: 20 });

const proxyCode = proxyImmutable.reduce<Hex>(
  (code, { start }) => replaceWord(code, start, word(predeploys.proxyAdmin)),
  proxyRuntime,
);

/** docs/spec/contracts.md: "L1Block's storage, relied on by the kernel". */
function l1BlockStorage({ chainConfig, anchor }: L2GenesisParameters): ContractStorage {
  const time = chainConfig.genesisAnchorTime;
  const blobFee = blobBaseFee(chainConfig, time, anchor.excessBlobGas);
  return storageFrom(0n, [
    packed([
      { bits: 64, value: chainConfig.genesisAnchorNumber },
      { bits: 64, value: time },
    ]),
    anchor.baseFeePerGas,
    chainConfig.genesisAnchorHash,
    blobFee,
    chainConfig.initialRate,
    time,
    anchor.mixHash,
  ]);
}

const gasPriceOracleStorage = ({ chainConfig }: L2GenesisParameters): ContractStorage =>
  storageFrom(namespaceSlot("metis.storage.GasPriceOracle"), [
    packed([
      { bits: 32, value: BigInt(chainConfig.l1BaseFeeScalar) },
      { bits: 32, value: BigInt(chainConfig.l1BlobBaseFeeScalar) },
    ]),
  ]);

/** The third word: the first two are histories. */
const sequencerSetStorage = ({ chainConfig, l1 }: L2GenesisParameters): ContractStorage =>
  storageFrom(namespaceSlot("metis.storage.MetisSequencerSet") + 2n, [
    packed([
      { bits: 160, value: hexToBigInt(l1.emissionReserve) },
      { bits: 64, value: chainConfig.genesisAnchorNumber },
      { bits: 32, value: BigInt(chainConfig.epochLength) },
    ]),
  ]);

/** Predeploys that stand behind proxies. */
function implementations(parameters: L2GenesisParameters): Record<Address, Implementation> {
  const feeVault = { runtime: feeVaultRuntime };
  const { l1 } = parameters;
  return {
    [predeploys.l2CrossDomainMessenger]: {
      runtime: l2CrossDomainMessengerRuntime,
      storage: storageFrom(namespaceSlot("metis.storage.L2CrossDomainMessenger"), [l1.messenger]),
    },
    [predeploys.l2StandardBridge]: {
      runtime: l2StandardBridgeRuntime,
      storage: storageFrom(namespaceSlot("metis.storage.L2StandardBridge"), [l1.standardBridge]),
    },
    [predeploys.metisEth]: { runtime: metisETHRuntime },
    [predeploys.mintableErc20Factory]: { runtime: mintableERC20FactoryRuntime },
    [predeploys.gasPriceOracle]: { runtime: gasPriceOracleRuntime, storage: gasPriceOracleStorage(parameters) },
    [predeploys.sequencerFeeVault]: feeVault,
    [predeploys.baseFeeVault]: feeVault,
    [predeploys.l1FeeVault]: feeVault,
    [predeploys.l1Block]: { runtime: l1BlockRuntime, storage: l1BlockStorage(parameters) },
    [predeploys.l2ToL1MessagePasser]: { runtime: l2ToL1MessagePasserRuntime },
    [predeploys.metisSequencerSet]: { runtime: metisSequencerSetRuntime, storage: sequencerSetStorage(parameters) },
  };
}

/** A proxy and the implementation behind it. */
function proxied(predeploy: Address, { runtime, storage }: Implementation): [Address, GenesisAccount][] {
  const implementation = implementationOf(predeploy);
  const own = proxyStorage(predeploys.proxyAdmin, implementation);
  return [
    [predeploy, { nonce: 1n, balance: 0n, code: proxyCode, storage: { ...own, ...storage } }],
    [implementation, { nonce: 1n, balance: 0n, code: runtime }],
  ];
}

/**
 * Block 0 of L2: predeploys behind proxies, preinstalls, and funded accounts (docs/spec/contracts.md, "L2 predeploys").
 * Throws `RangeError` when a funded account is one of the contracts.
 */
export function buildL2Genesis(parameters: L2GenesisParameters): L2Genesis {
  const { chainConfig, anchor, admin, balances } = parameters;
  const contracts = new Map<Address, GenesisAccount>([
    ...Object.entries(implementations(parameters)).flatMap(([address, entry]) => proxied(address as Address, entry)),
    ...(Object.entries(preinstalls(chainConfig.l2ChainId)) as [Address, GenesisAccount][]),
    [
      predeploys.proxyAdmin,
      { nonce: 1n, balance: 0n, code: proxyAdminRuntime, storage: storageFrom(0n, [applyAlias(admin)]) },
    ],
  ]);
  const accounts = new Map(contracts);
  for (const [address, balance] of Object.entries(balances)) {
    const key = address.toLowerCase() as Address;
    if (accounts.has(key)) throw new RangeError(`${address} is funded twice or is a contract of the genesis`);
    accounts.set(key, { nonce: 0n, balance });
  }
  return {
    chainConfig,
    alloc: Object.fromEntries(accounts),
    header: {
      timestamp: chainConfig.genesisAnchorTime,
      gasLimit: chainConfig.gasLimit,
      baseFeePerGas: initialBaseFee,
      extraData: genesisExtraData,
      coinbase: predeploys.sequencerFeeVault,
      mixHash: anchor.mixHash,
      parentBeaconBlockRoot: anchor.parentBeaconBlockRoot,
    },
  };
}
