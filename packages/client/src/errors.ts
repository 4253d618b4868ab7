import { MetisError, type Remedy } from "@metis/protocol";

export type ClientErrorCode =
  | "no-account"
  | "no-deposit"
  | "no-withdrawal"
  | "no-proposal"
  | "contract-refused"
  | "l1-block-unknown"
  | "withdrawal-not-settled"
  | "output-root-differs"
  | "metadata-invalid"
  | "transaction-reverted"
  | "stopped-waiting"
  | "receipt-invalid"
  | "evidence-malformed";

/** What the SDK throws on purpose. `contract-refused` carries the name of the contract's custom error in its payload. */
export class ClientError extends MetisError<ClientErrorCode> {
  override readonly name = "ClientError";

  constructor(
    code: ClientErrorCode,
    message: string,
    payload: object = {},
    options: ErrorOptions & { readonly remedy?: Remedy } = {},
  ) {
    super(code, options.remedy ?? "reject", message, payload, options);
  }
}
