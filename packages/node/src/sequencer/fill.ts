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
/** Transactions on their way to the executor at a time: its thread never waits for this one's answer to the one before. */
const inFlight = 64;

/**
 * Adds `candidates` in order until gas, bytes or time are used up. A sender whose transaction does not fit is passed over for
 * the rest of the block, so that its nonces stay in order. Returns what is in the block, and whether time was up before the
 * candidates were.
 */
export async function fillBlock(
  builder: BlockBuilder,
  candidates: Iterable<PooledTransaction>,
  options: FillOptions,
): Promise<{ readonly transactions: readonly Hex[]; readonly isCut: boolean }> {
  const { clock, maxBuildMs, drop } = options;
  const deadline = clock.monotonic() + maxBuildMs;
  const fitting = new Fitting(candidates, options);
  const transactions: Hex[] = [];
  for (;;) {
    const group = builder.gasLeft >= minTransactionGas ? fitting.next(inFlight) : [];
    if (group.length === 0) return { transactions, isCut: false };
    if (clock.monotonic() > deadline) return { transactions, isCut: true };
    // A later transaction of a sender whose earlier one is refused is refused for its nonce: the order holds by itself.
    const outcomes = await Promise.all(group.map(({ raw, sender }) => builder.add(raw, sender)));
    for (const [index, outcome] of outcomes.entries()) {
      const { raw, sender, hash } = group[index]!;
      if (outcome.included) {
        transactions.push(raw);
        continue;
      }
      fitting.giveBack(raw);
      const reason = dropReasonOf(outcome.reason.code);
      if (reason !== undefined) drop(hash, reason);
      if (outcome.reason.code !== "nonce-too-low") fitting.passOver(sender);
    }
  }
}

/** The candidates that still fit by size, of senders that have not been passed over. */
class Fitting {
  readonly #candidates: Iterator<PooledTransaction>;
  readonly #chainId: bigint;
  readonly #passedOver = new Set<Address>();
  #room: number;

  constructor(candidates: Iterable<PooledTransaction>, { room, chainId }: FillOptions) {
    this.#candidates = candidates[Symbol.iterator]();
    this.#room = room;
    this.#chainId = chainId;
  }

  /** The next ones, at most `count`; their bytes are taken from the room. */
  next(count: number): readonly PooledTransaction[] {
    const group: PooledTransaction[] = [];
    while (group.length < count) {
      const { done, value } = this.#candidates.next();
      if (done) break;
      if (this.#passedOver.has(value.sender)) continue;
      const size = transactionSize(value.raw, this.#chainId);
      if (size > this.#room) this.#passedOver.add(value.sender);
      else {
        this.#room -= size;
        group.push(value);
      }
    }
    return group;
  }

  giveBack(raw: Hex): void {
    this.#room += transactionSize(raw, this.#chainId);
  }

  passOver(sender: Address): void {
    this.#passedOver.add(sender);
  }
}

/** Reasons that another block may lift: the transaction waits in the pool. */
const passing: ReadonlySet<string> = new Set<SkipReason["code"]>([
  "nonce-too-high",
  "insufficient-funds",
  "fee-cap-too-low",
  "block-gas-exhausted",
  "proof-gas-exhausted",
]);

/** What the pool is told; nothing when the transaction may fit a later block. `code`: any of docs/spec/kernel.md. */
function dropReasonOf(code: string): DropReason | undefined {
  if (passing.has(code)) return undefined;
  return code === "nonce-too-low" ? code : "refused-by-builder";
}
