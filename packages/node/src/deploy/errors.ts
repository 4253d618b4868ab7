import { MetisError, type Remedy } from "@metis/protocol";

export type DeployErrorCode =
  /** The endpoint serves another chain than the one asked for. */
  | "wrong-l1-chain"
  /** No contract at the deterministic deployer's address. */
  | "no-deterministic-deployer"
  /** A deployment with this salt exists already, for another chain config. */
  | "already-deployed"
  /** A transaction of the deployment reverted. */
  | "deployment-reverted"
  /** The deployer does not hold the METIS that backs the genesis balances. */
  | "escrow-unfunded"
  /** Seats that LockingPool would refuse. */
  | "seats-invalid"
  /** The deployer does not hold the METIS of the first seats' stakes. */
  | "stakes-unfunded"
  /** What stands on L1 is not what was to be deployed. */
  | "deployment-mismatch";

const repeatable: ReadonlySet<DeployErrorCode> = new Set(["deployment-reverted", "escrow-unfunded", "stakes-unfunded"]);

/** Why L1 contracts were not deployed. Deploying again with the same salt and anchor goes on where it stopped. */
export class DeployError extends MetisError<DeployErrorCode, Readonly<Record<string, unknown>>> {
  constructor(code: DeployErrorCode, message: string, payload: Readonly<Record<string, unknown>> = {}) {
    const remedy: Remedy = repeatable.has(code) ? "retry" : "reject";
    super(code, remedy, message, payload);
  }
}
