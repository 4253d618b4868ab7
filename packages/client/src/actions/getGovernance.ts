import {
  delegationAbi,
  emergencyHandoverAbi,
  emissionReserveAbi,
  lockingPoolAbi,
  posterVaultAbi,
  slashingManagerAbi,
  systemConfigAbi,
  timelockAbi,
} from "@metis/protocol/contracts";
import type { Address, ContractFunctionReturnType } from "viem";
import { getBlock, readContract } from "viem/actions";
import { timelockOf } from "../utils/governance.ts";
import type { ReaderLike } from "../utils/send.ts";
import type { StakingRoot } from "../utils/staking.ts";

export interface GetGovernanceParameters {
  readonly contracts: StakingRoot;
}
/** Who has which power, and what it was used for. Times in seconds. */
export interface GetGovernanceReturnType {
  /** Owner of everything that has one. */
  readonly timelock: Address;
  /** From a proposal to its execution; never below the floor. */
  readonly delay: bigint;
  readonly delayFloor: bigint;
  readonly guardian: Address;
  /** Whether withdrawals are paused at L1's head, and until when the last pause is or was. */
  readonly paused: boolean;
  readonly pausedUntil: bigint;
  readonly council: Address;
  /** Zero: released slashes are burnt. */
  readonly insuranceFund: Address;
  readonly permissionless: boolean;
  /** Whether the bounds are those of a devnet. */
  readonly devnet: boolean;
  readonly parameters: GovernedParameters;
}
/** As the contracts that hold them have them (docs/spec/trust.md, "Bounds"). */
export interface GovernedParameters {
  readonly order: ContractFunctionReturnType<typeof systemConfigAbi, "view", "parameters">;
  readonly staking: ContractFunctionReturnType<typeof systemConfigAbi, "view", "stakingParameters">;
  readonly delegation: ContractFunctionReturnType<typeof delegationAbi, "view", "parameters">;
  readonly rewards: ContractFunctionReturnType<typeof emissionReserveAbi, "view", "parameters">;
  readonly handover: ContractFunctionReturnType<typeof emergencyHandoverAbi, "view", "parameters">;
  readonly posting: ContractFunctionReturnType<typeof posterVaultAbi, "view", "parameters">;
}
/** What viem throws when the endpoint does not answer. */
export type GetGovernanceErrorType = Error;

/**
 * Powers, their holders, and every parameter that they may change.
 *
 * @example
 * const { delay, parameters } = await l1Client.getGovernance();
 */
export async function getGovernance(
  client: ReaderLike,
  { contracts }: GetGovernanceParameters,
): Promise<GetGovernanceReturnType> {
  const system = { address: contracts.systemConfig, abi: systemConfigAbi } as const;
  const [timelock, addresses, { timestamp }] = await Promise.all([
    timelockOf(client, contracts),
    readContract(client, { ...system, functionName: "addresses" }),
    getBlock(client),
  ]);
  const lock = { address: timelock, abi: timelockAbi } as const;
  const slashing = { address: addresses.slashingManager, abi: slashingManagerAbi } as const;
  const [delay, delayFloor, guardian, pausedUntil, council, insuranceFund, permissionless, devnet, parameters] =
    await Promise.all([
      readContract(client, { ...lock, functionName: "getMinDelay" }),
      readContract(client, { ...lock, functionName: "FLOOR" }),
      readContract(client, { ...system, functionName: "guardian" }),
      readContract(client, { ...system, functionName: "pausedUntil" }),
      readContract(client, { ...slashing, functionName: "council" }),
      readContract(client, { ...slashing, functionName: "insuranceFund" }),
      readContract(client, {
        address: addresses.lockingPool,
        abi: lockingPoolAbi,
        functionName: "permissionless",
      }),
      readContract(client, { ...system, functionName: "DEVNET" }),
      parametersOf(client, contracts, addresses),
    ]);
  return {
    timelock,
    delay,
    delayFloor,
    guardian,
    paused: timestamp < pausedUntil,
    pausedUntil,
    council,
    insuranceFund,
    permissionless,
    devnet,
    parameters,
  };
}

async function parametersOf(
  client: ReaderLike,
  { systemConfig }: StakingRoot,
  held: Readonly<Record<"delegation" | "emissionReserve" | "emergencyHandover" | "posterVault", Address>>,
): Promise<GovernedParameters> {
  const system = { address: systemConfig, abi: systemConfigAbi } as const;
  const functionName = "parameters";
  const [order, staking, delegation, rewards, handover, posting] = await Promise.all([
    readContract(client, { ...system, functionName }),
    readContract(client, { ...system, functionName: "stakingParameters" }),
    readContract(client, { address: held.delegation, abi: delegationAbi, functionName }),
    readContract(client, { address: held.emissionReserve, abi: emissionReserveAbi, functionName }),
    readContract(client, { address: held.emergencyHandover, abi: emergencyHandoverAbi, functionName }),
    readContract(client, { address: held.posterVault, abi: posterVaultAbi, functionName }),
  ]);
  return { order, staking, delegation, rewards, handover, posting };
}
