import { chainConfigHash, genesisConfigHash, setHash, type L1Parameters } from "@metis/protocol";
import {
  batchInboxAbi,
  delegationAbi,
  emergencyHandoverAbi,
  emissionReserveAbi,
  l1CrossDomainMessengerAbi,
  l1StandardBridgeAbi,
  lockingInfoAbi,
  lockingPoolAbi,
  posterVaultAbi,
  proxyAdminAbi,
  slashingManagerAbi,
  stateClaimsAbi,
  systemConfigAbi,
} from "@metis/protocol/contracts";
import type { Address, PublicClient } from "viem";
import { DeployError } from "./errors.ts";
import type { L1Deployment } from "./deployment.ts";
import { proxiedNames, type DeploymentPlan } from "./plan.ts";
import { implementationSlot, word } from "./storage.ts";

/**
 * Reads a deployment back from L1 and compares it with what it was meant to be.
 * Throws `DeployError` "deployment-mismatch" naming everything that differs.
 */
export async function verifyDeployment(
  client: PublicClient,
  deployment: L1Deployment,
  plan: DeploymentPlan,
  council: Address,
  parameters: L1Parameters,
): Promise<void> {
  const { contracts, genesisConfig, chainConfig } = deployment;
  const read = {
    chainConfigHash: client.readContract({
      address: contracts.systemConfig,
      abi: systemConfigAbi,
      functionName: "chainConfigHash",
    }),
    systemConfigOwner: client.readContract({
      address: contracts.systemConfig,
      abi: systemConfigAbi,
      functionName: "owner",
    }),
    proxyAdminOwner: client.readContract({ address: contracts.proxyAdmin, abi: proxyAdminAbi, functionName: "owner" }),
    genesisConfigHash: client.readContract({
      address: contracts.batchInbox,
      abi: batchInboxAbi,
      functionName: "genesisConfigHash",
    }),
    genesisOutputRoot: client
      .readContract({ address: contracts.stateClaims, abi: stateClaimsAbi, functionName: "settledOutput", args: [0n] })
      .then(([root]) => root),
    setHash: client
      .readContract({
        address: contracts.lockingPool,
        abi: lockingPoolAbi,
        functionName: "frozenSetAt",
        args: [0n],
      })
      .then((frozen) => frozen.setHash),
    escrowPool: client.readContract({
      address: contracts.lockingInfo,
      abi: lockingInfoAbi,
      functionName: "LOCKING_POOL",
    }),
    slashingCouncil: client.readContract({
      address: contracts.slashingManager,
      abi: slashingManagerAbi,
      functionName: "council",
    }),
    minDelegation: client
      .readContract({ address: contracts.delegation, abi: delegationAbi, functionName: "parameters" })
      .then(({ minDelegation }) => `${minDelegation}`),
    rewardRate: client
      .readContract({ address: contracts.emissionReserve, abi: emissionReserveAbi, functionName: "parameters" })
      .then(({ rate }) => `${rate}`),
    leakStart: client
      .readContract({ address: contracts.emergencyHandover, abi: emergencyHandoverAbi, functionName: "parameters" })
      .then(({ leakStart }) => `${leakStart}`),
    gasPriceCap: client
      .readContract({ address: contracts.posterVault, abi: posterVaultAbi, functionName: "parameters" })
      .then(({ gasPriceCap }) => `${gasPriceCap}`),
    messengerPortal: client.readContract({
      address: contracts.l1CrossDomainMessenger,
      abi: l1CrossDomainMessengerAbi,
      functionName: "portal",
    }),
    bridgeMessenger: client.readContract({
      address: contracts.l1StandardBridge,
      abi: l1StandardBridgeAbi,
      functionName: "messenger",
    }),
  };
  const wanted: Record<keyof typeof read, string> = {
    chainConfigHash: chainConfigHash(chainConfig),
    systemConfigOwner: contracts.timelock,
    proxyAdminOwner: contracts.timelock,
    genesisConfigHash: genesisConfigHash(genesisConfig),
    genesisOutputRoot: deployment.genesisOutputRoot,
    setHash: setHash(deployment.sequencers),
    escrowPool: contracts.lockingPool,
    slashingCouncil: council.toLowerCase(),
    minDelegation: `${parameters.minDelegation}`,
    rewardRate: `${parameters.rewardRate}`,
    leakStart: `${parameters.leakStart}`,
    gasPriceCap: `${parameters.gasPriceCap}`,
    messengerPortal: contracts.portal,
    bridgeMessenger: contracts.l1CrossDomainMessenger,
  };
  const facts = Object.entries(read).map(async ([name, value]) => ({
    name,
    wanted: wanted[name as keyof typeof read],
    found: (await value).toLowerCase(),
  }));
  const proxies = proxiedNames.map(async (name) => ({
    name: `${name}.implementation`,
    wanted: word(plan.implementations[name]),
    found: await slotOf(client, contracts[name]),
  }));
  const different = (await Promise.all([...facts, ...proxies])).filter((fact) => fact.wanted !== fact.found);
  if (different.length > 0)
    throw new DeployError(
      "deployment-mismatch",
      `L1 differs from the plan: ${different.map((fact) => `${fact.name} is ${fact.found}, not ${fact.wanted}`).join("; ")}`,
      { different },
    );
}

const slotOf = async (client: PublicClient, address: Address): Promise<string> =>
  (await client.getStorageAt({ address, slot: implementationSlot })) ?? "0x";
