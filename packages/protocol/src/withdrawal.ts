import { concatHex, encodeAbiParameters, keccak256 } from "viem/utils";
import type { Hash } from "./brands.ts";
import { zeroHash } from "./deposit.ts";
import type { Withdrawal } from "./structs.ts";

const withdrawalParameters = [
  { type: "uint256" },
  { type: "address" },
  { type: "address" },
  { type: "uint256" },
  { type: "uint256" },
  { type: "bytes" },
] as const;

/** docs/spec/structs.md, "Withdrawal". */
export const withdrawalHash = (withdrawal: Withdrawal): Hash => {
  const { nonce, sender, target, value, gasLimit, data } = withdrawal;
  return keccak256(encodeAbiParameters(withdrawalParameters, [nonce, sender, target, value, gasLimit, data]));
};

/** Storage slot of L2ToL1MessagePasser that holds 1 for a sent withdrawal. */
export const withdrawalSlot = (hash: Hash): Hash => keccak256(concatHex([hash, zeroHash]));
