import { row, type ConfigValues } from "@metis/runtime";

/** Operator options of the mempool. */
export const mempoolConfig = {
  "mempool.maxTransactions": row.integer({ description: "Transactions in the pool", default: 20_000, min: 1 }),
  "mempool.maxBytes": row.integer({
    description: "Bytes of all transactions in the pool",
    unit: "bytes",
    default: 64 * 2 ** 20,
    min: 2 ** 17,
  }),
  "mempool.maxQueued": row.integer({
    description: "Transactions in the pool that wait for an earlier nonce or for funds",
    default: 4096,
    min: 0,
  }),
  "mempool.maxPerSender": row.integer({ description: "Transactions of one sender", default: 1024, min: 1 }),
  "mempool.maxTransactionBytes": row.integer({
    description: "Longest transaction",
    unit: "bytes",
    default: 128 * 1024,
    min: 1024,
  }),
  "mempool.maxNonceGap": row.integer({
    description: "How far a nonce may lie ahead of the account's",
    default: 1024,
    min: 0,
  }),
  "mempool.priceBump": row.integer({
    description: "What a replacement must pay more",
    unit: "percent",
    default: 10,
    min: 0,
    max: 1000,
  }),
  "mempool.minTip": row.bigint({ description: "Least tip a transaction must offer", unit: "wei a gas", default: 0n }),
  "mempool.lifetimeMinutes": row.integer({
    description: "Age at which a transaction is dropped",
    unit: "minutes",
    default: 180,
    min: 1,
  }),
  "mempool.allowUnprotected": row.flag({
    description: "Take legacy transactions without chain id (EIP-155)",
    default: false,
  }),
} as const;

export type MempoolOptions = ConfigValues<typeof mempoolConfig>;

/** The options with their defaults, `given` over them. */
export function mempoolOptions(given: Partial<MempoolOptions> = {}): MempoolOptions {
  const defaults = Object.fromEntries(Object.entries(mempoolConfig).map(([key, { default: value }]) => [key, value]));
  return { ...(defaults as unknown as MempoolOptions), ...given };
}
