// What one round of the oracle executes, in words that a file can hold: it does not depend on how it was made up.
import type { Hex } from "viem";

/** Where a transaction or an authorization points: nowhere (a creation), an account, one of the plan's contracts, a precompile. */
export type Target = "new" | `account ${number}` | `contract ${number}` | `precompile ${number}`;

/** Signed by one of the plan's keys for the chain or for any chain; `nonceAhead` of its account's nonce at the block's start. */
export interface PlannedAuthorization {
  readonly by: number;
  readonly to: Target;
  readonly nonceAhead: number;
  readonly anyChain: boolean;
}

export interface PlannedTransaction {
  /** EIP-2718. */
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly from: number;
  readonly to: Target;
  /** Wei. */
  readonly value: number;
  readonly data: Hex;
  readonly gas: number;
  readonly tip: number;
  /** Types 1 to 4: slots of contracts. */
  readonly accessList?: readonly { readonly to: Target; readonly slots: readonly number[] }[];
  /** Type 3. */
  readonly blobs?: number;
  /** Type 4. */
  readonly authorizations?: readonly PlannedAuthorization[];
}

/** Gwei, to an account. */
export interface PlannedWithdrawal {
  readonly to: Target;
  readonly amount: number;
}

export interface PlannedBlock {
  readonly transactions: readonly PlannedTransaction[];
  readonly withdrawals: readonly PlannedWithdrawal[];
}

export const fuzzForks = ["shanghai", "cancun", "prague", "osaka"] as const;
export type FuzzFork = (typeof fuzzForks)[number];

/** A chain of a few blocks. */
export interface Plan {
  /** What it is kept for, when it is. */
  readonly note?: string;
  readonly fork: FuzzFork;
  /** Code of the contracts that are there from the start. */
  readonly codes: readonly Hex[];
  readonly blocks: readonly PlannedBlock[];
}

/** How many keys sign transactions (the first ones), and how many there are. */
export const senders = 3;
export const keys = 6;
/** Places of contracts in a plan; those beyond its codes are empty. */
export const contracts = 6;
/** All of Osaka: 1 to 17 and P-256's 256. */
export const precompiles = [...Array.from({ length: 17 }, (_, i) => i + 1), 256];
