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

/** The timelock's functions with the errors of all that it governs, so that every refusal has its name. */
export const governanceAbi = [
  ...timelockAbi,
  ...[
    systemConfigAbi,
    lockingPoolAbi,
    slashingManagerAbi,
    delegationAbi,
    emissionReserveAbi,
    emergencyHandoverAbi,
    posterVaultAbi,
    proxyAdminAbi,
  ].flatMap((abi) => (abi as Abi).filter(({ type }) => type === "error")),
  // Of the proxies themselves (ERC-1967).
  ...parseAbi(["error ERC1967InvalidImplementation(address implementation)"]),
] as const;

/** The owner of SystemConfig: the timelock. */
export const timelockOf = (client: ReaderLike, { systemConfig }: StakingRoot): Promise<Address> =>
  readContract(client, { address: systemConfig, abi: systemConfigAbi, functionName: "owner" });
