import { assertProfile, predeploys, type ChainConfig, outputRoot } from "@metis/protocol";
import type { DeployL1Parameters, L1Deployment } from "./deployment.ts";
import { DeployError } from "./errors.ts";
import { buildL2Genesis } from "./genesis.ts";
import { create, fundEscrow, fundRewards, handOver, install } from "./install.ts";
import { planDeployment } from "./plan.ts";
import { assertSeats, initialSet } from "./seats.ts";
import { DeploySender } from "./sender.ts";
import { verifyDeployment } from "./verify.ts";

/**
 * Deploys the L1 half of a chain whose genesis contains the addresses of this very deployment: they are known by CREATE2
 * before anything exists. All power ends at the timelock. With the same salt and anchor it goes on where it stopped.
 * Throws `ParameterError` for a broken relation and `DeployError`.
 */
export async function deployL1(parameters: DeployL1Parameters): Promise<L1Deployment> {
  const { profile } = parameters;
  assertProfile(profile);
  assertSeats(parameters.seats, profile);
  const sender = new DeploySender(parameters.transport, parameters.deployer, parameters.onStep ?? (() => undefined));
  const plan = planDeployment({ ...parameters, deployer: sender.address });
  const { contracts } = plan;
  await requireDeterministicDeployer(sender);

  const anchor = await anchorBlock(sender, parameters.anchor);
  const chainConfig: ChainConfig = {
    ...profile.chain,
    l1ChainId: BigInt(await sender.client.getChainId()),
    l2ChainId: parameters.l2ChainId,
    genesisAnchorNumber: anchor.number,
    genesisAnchorHash: anchor.hash,
    genesisAnchorTime: anchor.timestamp,
  };
  const l2Genesis = buildL2Genesis({
    chainConfig,
    anchor: {
      baseFeePerGas: anchor.baseFeePerGas ?? 0n,
      excessBlobGas: anchor.excessBlobGas ?? 0n,
      mixHash: anchor.mixHash,
      parentBeaconBlockRoot: anchor.parentBeaconBlockRoot ?? `0x${"00".repeat(32)}`,
    },
    l1: {
      messenger: contracts.l1CrossDomainMessenger,
      standardBridge: contracts.l1StandardBridge,
      emissionReserve: contracts.emissionReserve,
    },
    admin: contracts.timelock,
    balances: parameters.balances,
  });
  const sealed = await parameters.sealGenesis(l2Genesis);
  const deployment: L1Deployment = {
    chainConfig,
    genesisConfig: {
      l1ChainId: chainConfig.l1ChainId,
      l2ChainId: chainConfig.l2ChainId,
      batchInbox: contracts.batchInbox,
      portal: contracts.portal,
      stateClaims: contracts.stateClaims,
      systemConfig: contracts.systemConfig,
      metisToken: contracts.metisToken,
      l1Messenger: contracts.l1CrossDomainMessenger,
      l1StandardBridge: contracts.l1StandardBridge,
      l2GenesisHash: sealed.blockHash,
    },
    contracts,
    l2Genesis,
    genesisOutputRoot: outputRoot(sealed),
    sequencers: initialSet(parameters.seats, profile),
  };
  await create(sender, plan.creations);
  await install(sender, plan, deployment, parameters);
  await fundEscrow(sender, contracts, parameters.balances);
  await fundRewards(sender, contracts, parameters.emissionReserve ?? 0n);
  await handOver(sender, contracts);
  await verifyDeployment(sender.client, deployment, plan, parameters.council ?? contracts.timelock, profile.l1);
  return deployment;
}

async function requireDeterministicDeployer(sender: DeploySender): Promise<void> {
  const code = await sender.client.getCode({ address: predeploys.deterministicDeployer });
  if (code === undefined)
    throw new DeployError(
      "no-deterministic-deployer",
      `L1 has no contract at ${predeploys.deterministicDeployer}. Deploy the deterministic deployment proxy there first.`,
    );
}

/** The block that L2 starts from, with the fields that a genesis shows of it. */
async function anchorBlock(sender: DeploySender, anchor: DeployL1Parameters["anchor"]) {
  const { client } = sender;
  return typeof anchor === "bigint" ? client.getBlock({ blockNumber: anchor }) : client.getBlock({ blockTag: anchor });
}
