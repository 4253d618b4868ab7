import { MetisError } from "@metis/protocol";

export type MempoolErrorCode =
  | "oversized"
  | "malformed"
  | "already-known"
  | "type-unsupported"
  | "wrong-chain"
  | "unprotected"
  | "bad-signature"
  | "sender-has-code"
  | "nonce-too-low"
  | "nonce-too-high"
  | "insufficient-funds"
  | "gas-too-low"
  | "gas-too-high"
  | "fee-caps-crossed"
  | "underpriced"
  | "replacement-underpriced"
  | "initcode-too-large"
  | "bad-authorizations"
  | "bad-blobs"
  | "sender-limit"
  | "pool-full";

/** A transaction that the pool does not take. The messages are geth's: wallets read them. */
export class MempoolError extends MetisError<MempoolErrorCode> {
  override readonly name = "MempoolError";

  constructor(code: MempoolErrorCode, message: string) {
    super(code, "reject", message, {});
  }
}
