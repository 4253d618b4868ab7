import { parseUnits } from "viem";
import { UsageError } from "../io.ts";

const seconds: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, h: 3_600n, d: 86_400n };
/** Decimals of what amounts are given in; percent are hundredths of a percent in the contracts. */
const decimals: Readonly<Record<string, number>> = { METIS: 18, gwei: 9, "%": 2 };

/** `7d`, `20000METIS`, `5gwei`, `20%`, or a number as the contract holds it. Throws `UsageError`. */
export function parseValue(name: string, text: string): bigint {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(METIS|gwei|%|[smhd])?$/.exec(text) ?? [];
  const [, fraction = ""] = number.split(".");
  const scale = decimals[unit] ?? 0;
  if (number === "" || fraction.length > scale)
    throw new UsageError(
      `${name} takes a whole number, or one with a unit (7d, 12h, 30m, 90s, 20000METIS, 5gwei, 20%), not "${text}"`,
    );
  return parseUnits(number, scale) * (seconds[unit] ?? 1n);
}
