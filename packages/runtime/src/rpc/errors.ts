import { MetisError, type Remedy } from "@metis/protocol";

/** Error codes of JSON-RPC 2.0 and of Ethereum nodes (EIP-1474, geth). */
export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Anything the node refuses: the default of geth. */
  serverError: -32000,
  /** A limit of this server was reached. */
  limitExceeded: -32005,
  /** `execution reverted`, with the output as data. */
  reverted: 3,
} as const;

/** An error that goes to the client as it is. */
export class RpcError extends MetisError<"rpc", { readonly data: unknown }> {
  override readonly name = "RpcError";
  /** The number in the response. */
  readonly rpcCode: number;

  constructor(rpcCode: number, message: string, data?: unknown, remedy: Remedy = "reject") {
    super("rpc", remedy, message, { data });
    this.rpcCode = rpcCode;
  }
}

const maxShown = 80;

/** What a client sent, short enough for an error message. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
}

/** -32602 with the position and what was expected. `at` is the position, `0` or `1.topics[2]`. */
export const invalidParam = (at: string, expected: string, value: unknown): RpcError =>
  new RpcError(rpcCodes.invalidParams, `invalid argument ${at}: expected ${expected}, got ${shown(value)}`);
