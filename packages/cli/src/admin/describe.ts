import { governedAbis, type GovernanceCall } from "@metis/client";
import { decodeFunctionData, type Abi } from "viem";
import { toJson } from "../io.ts";

/** A call as one would write it in Solidity; bytes where it is none that is known. Parameters of one name differ by their fields. */
export function describeCall({ target, data }: GovernanceCall): string {
  for (const abi of Object.values<Abi>(governedAbis)) {
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi, data });
      return `${target}.${functionName}(${args.map((arg) => toJson(arg)).join(", ")})`;
    } catch {
      // Another contract's function.
    }
  }
  return `${target}: ${data}`;
}
