import { MetisError } from "@metis/protocol";

export type CommitteeErrorCode =
  | "bad-set"
  | "unknown-signer"
  | "double-sign"
  | "not-monotone"
  | "protection-corrupt"
  | "protection-foreign"
  | "proposal-rejected"
  | "bft-trap"
  | "bft-refused";

/** What the pool refuses. `double-sign` and `not-monotone` mean: do not sign, whatever the caller wants. */
export class CommitteeError extends MetisError<CommitteeErrorCode, object> {
  override readonly name = "CommitteeError";
}
