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
  | "bft-refused"
  | "bad-rotation"
  | "bad-envelope"
  | "bad-mesh-message"
  | "engine-state-corrupt";

/** What the pool refuses. `double-sign` and `not-monotone` mean: do not sign, whatever the caller wants. */
export class CommitteeError extends MetisError<CommitteeErrorCode> {
  override readonly name = "CommitteeError";
}
