import { erc20Abi, formatUnits, parseUnits, type Address, type Client } from "viem";
import { readContract } from "viem/actions";
import { parseAddress } from "./addresses.ts";
import { isOutage } from "./bridge/outage.ts";
import { UsageError } from "./io.ts";

/** What the bridge carries. */
export type Asset =
  | { readonly kind: "metis"; readonly symbol: string; readonly decimals: number }
  | { readonly kind: "eth"; readonly symbol: string; readonly decimals: number }
  | { readonly kind: "erc20"; readonly symbol: string; readonly decimals: number; readonly l1Token: Address };

/** `metis`, `eth`, or the address of a token on L1. */
export async function parseAsset(l1: Client, text: string): Promise<Asset> {
  const kind = text.toLowerCase();
  if (kind === "metis" || kind === "eth") return { kind, symbol: kind.toUpperCase(), decimals: 18 };
  if (!/^0x/i.test(text))
    throw new UsageError(`--asset takes metis, eth or the address of a token on L1, not "${text}"`);
  const l1Token = parseAddress(text, "--asset");
  const token = { address: l1Token, abi: erc20Abi } as const;
  const [symbol, decimals] = await Promise.all([
    readContract(l1, { ...token, functionName: "symbol" }),
    readContract(l1, { ...token, functionName: "decimals" }),
  ]).catch((error: unknown) => {
    if (isOutage(error)) throw error;
    throw new UsageError(`--asset: there is no ERC-20 at ${text} on L1`);
  });
  return { kind: "erc20", symbol, decimals, l1Token };
}

/** "1.5" in the asset's smallest unit. */
export function parseAmount(text: string, { decimals, symbol }: Asset): bigint {
  if (!/^\d+(\.\d+)?$/.test(text) || (text.split(".")[1]?.length ?? 0) > decimals)
    throw new UsageError(`--amount takes a number of ${symbol} with at most ${decimals} decimals, not "${text}"`);
  const amount = parseUnits(text, decimals);
  if (amount === 0n) throw new UsageError("--amount must be above zero");
  return amount;
}

export const showAmount = (amount: bigint, { decimals, symbol }: Asset): string =>
  `${formatUnits(amount, decimals)} ${symbol}`;

/** "2 min 15 s". */
export function showSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}
