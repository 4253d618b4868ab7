import type { Hash, Hex } from "viem";
import type { StateClaim } from "./structs.ts";

/** Where a transaction stands, as SlashingManager takes it (docs/spec/slashing.md, "Broken order"). */
export interface InclusionProof {
  readonly batchIndex: bigint;
  readonly claim: StateClaim;
  readonly outputPath: readonly Hash[];
  readonly stateRoot: Hash;
  readonly messagePasserStorageRoot: Hash;
  readonly header: Hex;
  readonly transactionIndex: bigint;
  readonly transactionProof: readonly Hex[];
}
