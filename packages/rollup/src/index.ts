export * from "./errors.ts";
export * from "./payload/payload.ts";
export { transactionSize } from "./payload/transactions.ts";
export * from "./blobs.ts";
export * from "./batch/cutter.ts";
export * from "./batch/cost.ts";
export * from "./derivation/deriver.ts";
