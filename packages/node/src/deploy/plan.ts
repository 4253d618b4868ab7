import { predeploys, type Profile } from "@metis/protocol";
import {
  batchInboxBytecode,
  delegationBytecode,
  emergencyHandoverBytecode,
  emissionReserveBytecode,
  l1CrossDomainMessengerBytecode,
  l1StandardBridgeBytecode,
  lockingInfoBytecode,
  lockingPoolBytecode,
  metisTokenBytecode,
  portalBytecode,
  posterVaultBytecode,
  proxyAdminBytecode,
  proxyBytecode,
  slashingManagerBytecode,
  stateClaimsBytecode,
  systemConfigBytecode,
  timelockBytecode,
} from "@metis/protocol/contracts";
import {
  concatHex,
  encodeAbiParameters,
  getCreate2Address,
  keccak256,
  pad,
  parseAbiParameters,
  stringToHex,
  zeroAddress,
  type Address,
  type Hex,
} from "viem";

/** Contracts of L1 that stand behind proxies. */
export const proxiedNames = [
  "systemConfig",
  "portal",
  "lockingPool",
  "slashingManager",
  "delegation",
  "emissionReserve",
  "emergencyHandover",
  "posterVault",
  "stateClaims",
  "batchInbox",
  "l1CrossDomainMessenger",
  "l1StandardBridge",
] as const;
export type ProxiedName = (typeof proxiedNames)[number];

/** Address of every contract of a deployment on L1. */
export type L1Contracts = Readonly<
  Record<ProxiedName | "timelock" | "proxyAdmin" | "metisToken" | "lockingInfo", Address>
>;

/** A contract to be made by the deterministic deployer. */
export interface Creation {
  readonly name: string;
  readonly salt: Hex;
  readonly initCode: Hex;
  readonly address: Address;
}

export interface PlanParameters {
  readonly profile: Profile;
  /** Tells this deployment from others; 32 bytes. */
  readonly salt: Hex;
  readonly deployer: Address;
  /** Accounts that may propose to the timelock; anyone may execute. */
  readonly governors: readonly Address[];
  /** METIS on this L1, or the supply of a token to be made for the deployer. */
  readonly metis: { readonly token: Address } | { readonly supply: bigint };
}

/** Everything to be created, and the addresses, known before any of it exists. */
export interface DeploymentPlan {
  readonly contracts: L1Contracts;
  readonly implementations: Readonly<Record<ProxiedName, Address>>;
  readonly creations: readonly Creation[];
}

const implementationBytecodes: Readonly<Record<Exclude<ProxiedName, "systemConfig">, Hex>> = {
  portal: portalBytecode,
  lockingPool: lockingPoolBytecode,
  slashingManager: slashingManagerBytecode,
  delegation: delegationBytecode,
  emissionReserve: emissionReserveBytecode,
  emergencyHandover: emergencyHandoverBytecode,
  posterVault: posterVaultBytecode,
  stateClaims: stateClaimsBytecode,
  batchInbox: batchInboxBytecode,
  l1CrossDomainMessenger: l1CrossDomainMessengerBytecode,
  l1StandardBridge: l1StandardBridgeBytecode,
};

/** Names every contract by CREATE2. No address depends on an implementation. */
export function planDeployment(parameters: PlanParameters): DeploymentPlan {
  const { profile, deployer, metis } = parameters;
  const create = (name: string, initCode: Hex): Creation => {
    const salt = keccak256(concatHex([parameters.salt, stringToHex(name)]));
    const address = getCreate2Address({ from: predeploys.deterministicDeployer, salt, bytecode: initCode });
    return { name, salt, initCode, address: address.toLowerCase() as Address };
  };
  const timelock = create(
    "timelock",
    concatHex([
      timelockBytecode,
      encodeAbiParameters(parseAbiParameters("uint256, address[], address[]"), [
        BigInt(profile.l1.upgradeTimelock),
        parameters.governors,
        [zeroAddress],
      ]),
    ]),
  );
  const proxyAdmin = create("proxyAdmin", withAddresses(proxyAdminBytecode, deployer));
  const token =
    "token" in metis
      ? undefined
      : create(
          "metisToken",
          concatHex([
            metisTokenBytecode,
            encodeAbiParameters(parseAbiParameters("address, uint256"), [deployer, metis.supply]),
          ]),
        );
  const proxies = proxiedNames.map((name) => create(name, withAddresses(proxyBytecode, proxyAdmin.address)));
  const metisToken = "token" in metis ? metis.token : token!.address;
  const proxyOf = (name: ProxiedName): Address => proxies[proxiedNames.indexOf(name)]!.address;
  const lockingInfo = create(
    "lockingInfo",
    withAddresses(lockingInfoBytecode, metisToken, proxyOf("lockingPool"), proxyOf("slashingManager")),
  );
  const implementations = proxiedNames.map((name) =>
    create(
      `${name}.implementation`,
      name === "systemConfig" ? systemConfigCode(profile) : implementationBytecodes[name],
    ),
  );
  const named = (creations: readonly Creation[]): Record<ProxiedName, Address> =>
    Object.fromEntries(proxiedNames.map((name, i) => [name, creations[i]!.address])) as Record<ProxiedName, Address>;
  return {
    contracts: {
      ...named(proxies),
      timelock: timelock.address,
      proxyAdmin: proxyAdmin.address,
      metisToken,
      lockingInfo: lockingInfo.address,
    },
    implementations: named(implementations),
    creations: [timelock, proxyAdmin, ...(token ? [token] : []), ...proxies, lockingInfo, ...implementations],
  };
}

/** Creation code with addresses as its constructor's arguments. */
const withAddresses = (bytecode: Hex, ...addresses: readonly Address[]): Hex =>
  concatHex([bytecode, ...addresses.map((address) => pad(address))]);

/** Only the mainnet profile gets mainnet's bounds. */
const systemConfigCode = (profile: Profile): Hex =>
  concatHex([systemConfigBytecode, encodeAbiParameters([{ type: "bool" }], [profile.name !== "mainnet"])]);
