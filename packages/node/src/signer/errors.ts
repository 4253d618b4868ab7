import { MetisError } from "@metis/protocol";

export type SignerErrorCode =
  | "signer-unreachable"
  | "signer-refused"
  | "signer-lacks-key"
  | "bad-request"
  | "unknown-type"
  | "foreign-chain"
  | "unknown-key"
  | "unsafe-listen";

/** Why a remote signer gave no signature, or cannot start. */
export class SignerError extends MetisError<SignerErrorCode> {
  override readonly name = "SignerError";
}
