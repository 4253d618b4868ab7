import { delegationAbi, lockingInfoAbi, lockingPoolAbi, systemConfigAbi } from "@metis/protocol/contracts";
import { parseAbi, type Address } from "viem";
import { readContract } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import type { ReaderLike } from "./send.ts";

/** Where a chain's staking is found: SystemConfig knows the other contracts. */
export type StakingRoot = Pick<MetisL1Contracts, "systemConfig">;

export interface StakingContracts {
  readonly lockingPool: Address;
  /** The escrow: METIS is approved to it. */
  readonly lockingInfo: Address;
  readonly metisToken: Address;
  readonly delegation: Address;
  readonly slashingManager: Address;
  readonly emergencyHandover: Address;
  readonly emissionReserve: Address;
  readonly posterVault: Address;
}

/** LockingPool's functions with the errors of what it calls, so that every refusal has its name. */
export const stakingAbi = [
  ...lockingPoolAbi,
  ...lockingInfoAbi.filter(({ type }) => type === "error"),
  ...parseAbi([
    "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
    "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  ]),
] as const;

/** Delegation's functions with the errors of what it calls. */
export const delegatingAbi = [...delegationAbi, ...stakingAbi.filter(({ type }) => type === "error")] as const;

/** Addresses of a chain's L1 contracts, as SystemConfig has them. Throws what viem throws when the endpoint does not answer. */
export async function stakingContracts(client: ReaderLike, { systemConfig }: StakingRoot): Promise<StakingContracts> {
  return readContract(client, { address: systemConfig, abi: systemConfigAbi, functionName: "addresses" });
}
