import type { Hash } from "@metis/protocol";
import { param } from "@metis/runtime";
import type { Param } from "@metis/runtime";
import { toHex } from "viem";

/** A value as JSON-RPC shows it: bigints become quantities, absent fields vanish, all the way down. */
export function show(value: unknown): unknown {
  if (typeof value === "bigint") return toHex(value);
  if (Array.isArray(value)) return value.map(show);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, show(item)]),
  );
}

/** A block by number (quantity) or hash. */
export const numberOrHash: Param<bigint | Hash> = {
  optional: false,
  read: (value, at) =>
    typeof value === "string" && value.length === 66 ? param.hash.read(value, at) : param.uint64.read(value, at),
};
