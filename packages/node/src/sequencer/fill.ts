import type { BlockBuilder, SkipReason } from "@metis/mvm";
import { transactionSize } from "@metis/rollup";
import type { Clock } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { DropReason, Mempool, PooledTransaction } from "../mempool/api.ts";

export interface FillOptions {
  /** Bytes that the block's transactions may take, by the payload's count. */
  readonly room: number;
  readonly chainId: bigint;
  readonly clock: Clock;
  readonly maxBuildMs: number;
  readonly drop: Mempool["drop"];
}

/** Least gas of any transaction: with less room there is no use in trying on. */
const minTransactionGas = 21_000n;

/**
 * Adds `candidates` in order until gas, bytes or time are used up. A sender whose transaction does not fit is passed over for
 * the rest of the block, so that its nonces stay in order. Returns what is in the block.
 */
export async function fillBlock(
  builder: BlockBuilder,
  candidates: Iterable<PooledTransaction>,
  options: FillOptions,
): Promise<{ readonly transactions: readonly Hex[] }> {
  const { clock, maxBuildMs, drop, chainId } = options;
  const deadline = clock.monotonic() + maxBuildMs;
  const passedOver = new Set<Address>();
  const transactions: Hex[] = [];
  let { room } = options;
  for (const { raw, sender, hash } of candidates) {
    if (builder.gasLeft < minTransactionGas || clock.monotonic() > deadline) break;
    if (passedOver.has(sender)) continue;
    const size = transactionSize(raw, chainId);
    if (size > room) {
      passedOver.add(sender);
      continue;
    }
    const outcome = await builder.add(raw, sender);
    if (outcome.included) {
      transactions.push(raw);
      room -= size;
      continue;
    }
    const reason = dropReason[outcome.reason.code];
    if (reason !== undefined) drop(hash, reason);
    if (outcome.reason.code !== "nonce-too-low") passedOver.add(sender);
  }
  return { transactions };
}

/** What the pool is told; nothing when the transaction may fit a later block. */
const dropReason: Readonly<Record<SkipReason["code"], DropReason | undefined>> = {
  "nonce-too-low": "nonce-too-low",
  "nonce-too-high": undefined,
  "insufficient-funds": undefined,
  "fee-cap-too-low": undefined,
  "sender-has-code": "refused-by-builder",
  "block-gas-exhausted": undefined,
  "proof-gas-exhausted": undefined,
  invalid: "refused-by-builder",
};
