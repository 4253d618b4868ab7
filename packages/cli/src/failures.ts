// Names and sentences for what fails outside of this program's own code: endpoints, other chains, files, numbers of any size.
import { MetisError } from "@metis/protocol";
import {
  BaseError,
  ContractFunctionZeroDataError,
  HttpRequestError,
  IntegerOutOfRangeError,
  MethodNotFoundRpcError,
  TimeoutError,
} from "viem";

/** What went wrong: a code that stays the same for programs, and a sentence for people. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

export function failureOf(error: unknown): Failure {
  const message = sentence(error);
  if (error instanceof MetisError) return { code: error.code, message };
  if (isFileError(error)) {
    const { path = "a folder that was given for a file", code } = error;
    return { code: "file-unreadable", message: `${path} cannot be read or written (${code})` };
  }
  if (!(error instanceof BaseError)) return { code: "unexpected", message };
  const caused = (kind: abstract new (...args: never[]) => Error): boolean =>
    error.walk((cause) => cause instanceof kind) !== null;
  if (caused(HttpRequestError) || caused(TimeoutError)) return { code: "no-answer", message };
  if (caused(ContractFunctionZeroDataError))
    return { code: "wrong-chain", message: `${message} Is this endpoint the chain's, and on the right L1?` };
  if (caused(MethodNotFoundRpcError))
    return { code: "wrong-endpoint", message: `${message} Is this endpoint a node of this chain?` };
  return { code: caused(IntegerOutOfRangeError) ? "number-out-of-range" : "unexpected", message };
}

/** What viem throws is a page; its gist is a line. */
export function sentence(error: unknown): string {
  if (error instanceof BaseError) {
    const { shortMessage, details } = error;
    const failed = error.walk((cause) => cause instanceof HttpRequestError);
    if (failed instanceof HttpRequestError) return `${failed.url} does not answer (${failed.details})`;
    // viem says "undefined" where it knows no details.
    const [said, more] = [shortMessage, details ?? ""];
    return more === "" || more === "undefined" || said.includes(more) ? said : `${said} (${more})`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Node names the path in all of them but EISDIR. */
const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error && ("path" in error || ("code" in error && error.code === "EISDIR"));
