import type { GovernanceCall } from "@metis/client";
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
import { decodeFunctionData, type Abi } from "viem";
import { toJson } from "../io.ts";

const known: readonly Abi[] = [
  systemConfigAbi,
  lockingPoolAbi,
  posterVaultAbi,
  slashingManagerAbi,
  delegationAbi,
  emissionReserveAbi,
  emergencyHandoverAbi,
  proxyAdminAbi,
  timelockAbi,
];

/** A call as one would write it in Solidity; bytes where it is none that is known. Parameters of one name differ by their fields. */
export function describeCall({ target, data }: GovernanceCall): string {
  for (const abi of known) {
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi, data });
      return `${target}.${functionName}(${args.map((arg) => toJson(arg)).join(", ")})`;
    } catch {
      // Another contract's function.
    }
  }
  return `${target}: ${data}`;
}
