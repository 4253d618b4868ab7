import type { L1Prices } from "@metis/rollup";
import type { Hex } from "viem";
import type { L1Client } from "../client.ts";

/** What an attempt offers, wei. */
export interface FeeOffer {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** Zero without blobs. */
  readonly maxFeePerBlobGas: bigint;
}

const minPriorityFee = 1_000_000n;
/** Geth's pool takes a replacement that offers 10 % more; with blobs, 100 % more. */
const replacementPercent = 115n;
const blobReplacementPercent = 200n;

/** Reads the next block's base fees and a priority fee that gets in. */
export async function readPrices(l1: L1Client): Promise<L1Prices> {
  const [history, priority, blob] = await Promise.all([
    l1.request<{ readonly baseFeePerGas: readonly Hex[] }>("eth_feeHistory", ["0x1", "latest", []]),
    l1.request<Hex>("eth_maxPriorityFeePerGas"),
    l1.request<Hex>("eth_blobBaseFee"),
  ]);
  const suggested = BigInt(priority);
  return {
    baseFee: BigInt(history.baseFeePerGas.at(-1) ?? 0),
    priorityFee: suggested > minPriorityFee ? suggested : minPriorityFee,
    blobBaseFee: BigInt(blob),
  };
}

/** A first offer: room for base fees to double twice (blobs) or once. */
export const firstOffer = (prices: L1Prices, withBlobs: boolean): FeeOffer => ({
  maxFeePerGas: prices.baseFee * 2n + prices.priorityFee,
  maxPriorityFeePerGas: prices.priorityFee,
  maxFeePerBlobGas: withBlobs ? max(prices.blobBaseFee * 4n, 1n) : 0n,
});

/** An offer that replaces `before` in every pool and is not below what L1 asks for now. */
export function bumpedOffer(before: FeeOffer, prices: L1Prices): FeeOffer {
  const withBlobs = before.maxFeePerBlobGas > 0n;
  const fresh = firstOffer(prices, withBlobs);
  const percent = withBlobs ? blobReplacementPercent : replacementPercent;
  const raise = (value: bigint): bigint => (value * percent + 99n) / 100n;
  return {
    maxFeePerGas: max(raise(before.maxFeePerGas), fresh.maxFeePerGas),
    maxPriorityFeePerGas: max(raise(before.maxPriorityFeePerGas), fresh.maxPriorityFeePerGas),
    maxFeePerBlobGas: withBlobs ? max(raise(before.maxFeePerBlobGas), fresh.maxFeePerBlobGas) : 0n,
  };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
