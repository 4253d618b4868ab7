import { encodeChainConfig, predeploys } from "@metis/protocol";
import {
  batchInboxAbi,
  delegationAbi,
  emergencyHandoverAbi,
  emissionReserveAbi,
  l1CrossDomainMessengerAbi,
  l1StandardBridgeAbi,
  metisTokenAbi,
  portalAbi,
  posterVaultAbi,
  proxyAdminAbi,
  slashingManagerAbi,
  stateClaimsAbi,
  systemConfigAbi,
} from "@metis/protocol/contracts";
import { bytesToHex, concatHex, encodeFunctionData, keccak256, zeroAddress, type Address, type Hex } from "viem";
import { DeployError } from "./errors.ts";
import type { DeployL1Parameters, L1Deployment } from "./deployment.ts";
import type { Creation, DeploymentPlan, L1Contracts, ProxiedName } from "./plan.ts";
import { approveStakes, initializePool, stakesOf, type InitialSeat } from "./seats.ts";
import type { DeploySender, DeployStep } from "./sender.ts";
import { implementationSlot } from "./storage.ts";

/**
 * Price of deposit gas in wei. The floor (0.01 gwei) makes deposits of a quiet time burn nothing beyond what they cost anyway;
 * elasticity and denominator are those of the OP stack.
 */
const meter = {
  meterMinimumBaseFee: 10n ** 7n,
  meterMaximumBaseFee: 10n ** 18n,
  meterElasticity: 10,
  meterDenominator: 8,
} as const;

/** Creates what does not exist yet. */
export async function create(sender: DeploySender, creations: readonly Creation[]): Promise<void> {
  const codes = await Promise.all(creations.map(({ address }) => sender.client.getCode({ address })));
  const missing = creations.filter((_, i) => codes[i] === undefined);
  await sender.phase(
    missing.map(({ name, salt, initCode }) => ({
      what: `create ${name}`,
      to: predeploys.deterministicDeployer,
      data: concatHex([salt, initCode]),
    })),
  );
}

/** Puts the implementations behind their proxies and initialises them, each after what it reads from. */
export async function install(
  sender: DeploySender,
  plan: DeploymentPlan,
  deployment: L1Deployment,
  parameters: DeployL1Parameters,
): Promise<void> {
  const pool = await initializePool(
    plan.contracts,
    deployment.chainConfig.l1ChainId,
    sender.address,
    parameters.seats,
    parameters.permissionless ?? false,
  );
  const calls = { ...initializers(deployment, parameters), lockingPool: pool };
  await refuseOther(sender, deployment);
  await fundStakes(sender, plan.contracts, parameters.seats);
  const order: readonly (readonly ProxiedName[])[] = [
    ["systemConfig"],
    [
      "lockingPool",
      "slashingManager",
      "delegation",
      "emissionReserve",
      "emergencyHandover",
      "posterVault",
      "portal",
      "stateClaims",
      "l1CrossDomainMessenger",
      "l1StandardBridge",
    ],
    ["batchInbox"],
  ];
  for (const names of order) {
    const steps = await Promise.all(names.map(async (name) => installStep(sender, plan, name, calls[name])));
    await sender.phase(steps.filter((step) => step !== undefined));
  }
}

async function installStep(
  sender: DeploySender,
  plan: DeploymentPlan,
  name: ProxiedName,
  call: Hex,
): Promise<DeployStep | undefined> {
  const proxy = plan.contracts[name];
  const installed = await sender.client.getStorageAt({ address: proxy, slot: implementationSlot });
  if (installed !== undefined && BigInt(installed) !== 0n) return undefined;
  return {
    what: `install ${name}`,
    to: plan.contracts.proxyAdmin,
    data: encodeFunctionData({
      abi: proxyAdminAbi,
      functionName: "upgradeAndCall",
      args: [proxy, plan.implementations[name], call],
    }),
  };
}

function initializers(
  deployment: L1Deployment,
  parameters: DeployL1Parameters,
): Record<Exclude<ProxiedName, "lockingPool">, Hex> {
  const { contracts, chainConfig, genesisConfig, genesisOutputRoot } = deployment;
  const { l1 } = parameters.profile;
  const systemConfig = [contracts.systemConfig] as const;
  return {
    systemConfig: encodeFunctionData({
      abi: systemConfigAbi,
      functionName: "initialize",
      args: [
        contracts.timelock,
        parameters.guardian,
        {
          batchInbox: contracts.batchInbox,
          portal: contracts.portal,
          stateClaims: contracts.stateClaims,
          metisToken: contracts.metisToken,
          l1Messenger: contracts.l1CrossDomainMessenger,
          l1StandardBridge: contracts.l1StandardBridge,
          lockingPool: contracts.lockingPool,
          lockingInfo: contracts.lockingInfo,
          slashingManager: contracts.slashingManager,
          delegation: contracts.delegation,
          emissionReserve: contracts.emissionReserve,
          emergencyHandover: contracts.emergencyHandover,
          posterVault: contracts.posterVault,
        },
        {
          challengeWindow: l1.challengeWindow,
          escapeDelay: l1.escapeDelay,
          pinWindow: l1.pinWindow,
          pauseWindow: l1.guardianPause,
          ...meter,
        },
        l1,
        bytesToHex(encodeChainConfig(chainConfig)),
      ],
    }),
    slashingManager: encodeFunctionData({
      abi: slashingManagerAbi,
      functionName: "initialize",
      args: [contracts.systemConfig, parameters.council ?? contracts.timelock, parameters.insuranceFund ?? zeroAddress],
    }),
    delegation: encodeFunctionData({
      abi: delegationAbi,
      functionName: "initialize",
      args: [contracts.systemConfig, l1],
    }),
    emissionReserve: encodeFunctionData({
      abi: emissionReserveAbi,
      functionName: "initialize",
      args: [
        contracts.systemConfig,
        BigInt(parameters.profile.l1BlockTime),
        {
          epochCap: l1.epochCap,
          rate: l1.rewardRate,
          proposerShare: l1.proposerShare,
          feeProposerShare: l1.feeProposerShare,
        },
      ],
    }),
    emergencyHandover: encodeFunctionData({
      abi: emergencyHandoverAbi,
      functionName: "initialize",
      args: [
        contracts.systemConfig,
        { leakStart: l1.leakStart, silenceLimit: l1.silentEjection, minSeats: l1.minSeats },
      ],
    }),
    posterVault: encodeFunctionData({
      abi: posterVaultAbi,
      functionName: "initialize",
      args: [contracts.systemConfig, l1],
    }),
    portal: encodeFunctionData({ abi: portalAbi, functionName: "initialize", args: systemConfig }),
    stateClaims: encodeFunctionData({ abi: stateClaimsAbi, functionName: "initialize", args: systemConfig }),
    l1CrossDomainMessenger: encodeFunctionData({
      abi: l1CrossDomainMessengerAbi,
      functionName: "initialize",
      args: systemConfig,
    }),
    l1StandardBridge: encodeFunctionData({ abi: l1StandardBridgeAbi, functionName: "initialize", args: systemConfig }),
    batchInbox: encodeFunctionData({
      abi: batchInboxAbi,
      functionName: "initialize",
      args: [contracts.systemConfig, genesisConfig.l2GenesisHash, genesisOutputRoot],
    }),
  };
}

/** Throws `DeployError` "already-deployed" when another chain was deployed with the same salt. */
async function refuseOther(sender: DeploySender, { contracts, chainConfig }: L1Deployment): Promise<void> {
  const address = contracts.systemConfig;
  const installed = await sender.client.getStorageAt({ address, slot: implementationSlot });
  if (installed === undefined || BigInt(installed) === 0n) return;
  const found = await sender.client.readContract({ address, abi: systemConfigAbi, functionName: "chainConfigHash" });
  if (found !== keccak256(encodeChainConfig(chainConfig)))
    throw new DeployError(
      "already-deployed",
      "This salt belongs to a deployment with another chain config. Choose another salt, or pass that deployment's anchor to go on with it.",
      { systemConfig: address, chainConfigHash: found },
    );
}

const metisOf = async ({ client }: DeploySender, token: Address, account: Address): Promise<bigint> =>
  client.readContract({ address: token, abi: metisTokenAbi, functionName: "balanceOf", args: [account] });

/** Lets LockingPool take the first stakes, unless it has them already. */
async function fundStakes(sender: DeploySender, contracts: L1Contracts, seats: readonly InitialSeat[]): Promise<void> {
  const installed = await sender.client.getStorageAt({ address: contracts.lockingPool, slot: implementationSlot });
  if (installed !== undefined && BigInt(installed) !== 0n) return;
  const needed = stakesOf(seats);
  const own = await metisOf(sender, contracts.metisToken, sender.address);
  if (own < needed)
    throw new DeployError(
      "stakes-unfunded",
      `The first seats need ${needed} METIS wei of stake, and the deployer ${sender.address} holds ${own}.`,
      { needed, held: own },
    );
  await sender.phase([approveStakes(contracts, seats)]);
}

/** Brings the escrow to the sum of the genesis balances: METIS on L2 exists only against METIS in the Portal. */
export async function fundEscrow(
  sender: DeploySender,
  { metisToken, portal }: L1Contracts,
  balances: Readonly<Record<Address, bigint>>,
): Promise<void> {
  const needed = Object.values(balances).reduce((sum, balance) => sum + balance, 0n);
  const [escrow, own] = await Promise.all([
    metisOf(sender, metisToken, portal),
    metisOf(sender, metisToken, sender.address),
  ]);
  const missing = needed - escrow;
  if (missing <= 0n) return;
  if (own < missing)
    throw new DeployError(
      "escrow-unfunded",
      `The genesis balances need ${missing} METIS wei more in the Portal, and the deployer ${sender.address} holds ${own}.`,
      { missing, held: own },
    );
  await sender.phase([
    {
      what: "back the genesis balances",
      to: metisToken,
      data: encodeFunctionData({ abi: metisTokenAbi, functionName: "transfer", args: [portal, missing] }),
    },
  ]);
}

/** Brings what staking is paid from to `amount`, out of the deployer's METIS. */
export async function fundRewards(sender: DeploySender, contracts: L1Contracts, amount: bigint): Promise<void> {
  const missing = amount - (await metisOf(sender, contracts.metisToken, contracts.emissionReserve));
  if (missing <= 0n) return;
  await sender.phase([
    {
      what: "fund the emission reserve",
      to: contracts.metisToken,
      data: encodeFunctionData({
        abi: metisTokenAbi,
        functionName: "transfer",
        args: [contracts.emissionReserve, missing],
      }),
    },
  ]);
}

/** Gives the power to upgrade to the timelock. */
export async function handOver(sender: DeploySender, { proxyAdmin, timelock }: L1Contracts): Promise<void> {
  const owner = await sender.client.readContract({ address: proxyAdmin, abi: proxyAdminAbi, functionName: "owner" });
  if (owner.toLowerCase() === timelock) return;
  await sender.phase([
    {
      what: "hand over to the timelock",
      to: proxyAdmin,
      data: encodeFunctionData({ abi: proxyAdminAbi, functionName: "transferOwnership", args: [timelock] }),
    },
  ]);
}
