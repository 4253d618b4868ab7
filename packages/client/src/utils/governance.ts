import {
  delegationAbi,
  emergencyHandoverAbi,
  emissionReserveAbi,
  lockingPoolAbi,
  posterVaultAbi,
  proxyAdminAbi,
  slashingManagerAbi,
  systemConfigAbi,
  timelockAbi,
} from "@metis/protocol/contracts";
import { parseAbi, type Abi, type Address } from "viem";
import { readContract } from "viem/actions";
import type { ReaderLike } from "./send.ts";
import type { StakingRoot } from "./staking.ts";

/** What the timelock governs, by the names of `SystemConfig.addresses()`, and what it governs with. */
export const governedAbis = {
  systemConfig: systemConfigAbi,
  lockingPool: lockingPoolAbi,
  slashingManager: slashingManagerAbi,
  delegation: delegationAbi,
  emissionReserve: emissionReserveAbi,
  emergencyHandover: emergencyHandoverAbi,
  posterVault: posterVaultAbi,
  proxyAdmin: proxyAdminAbi,
  timelock: timelockAbi,
} as const;

/** The timelock's functions with the errors of all that it governs, so that every refusal has its name. */
export const governanceAbi = [
  ...timelockAbi,
  ...Object.values<Abi>(governedAbis).flatMap((abi) => abi.filter(({ type }) => type === "error")),
  // Of the proxies themselves (ERC-1967).
  ...parseAbi(["error ERC1967InvalidImplementation(address implementation)"]),
] as const;

/** The owner of SystemConfig: the timelock. */
export const timelockOf = (client: ReaderLike, { systemConfig }: StakingRoot): Promise<Address> =>
  readContract(client, { address: systemConfig, abi: systemConfigAbi, functionName: "owner" });
