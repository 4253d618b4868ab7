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
