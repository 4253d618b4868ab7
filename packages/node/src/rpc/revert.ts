import type { CallResult } from "@metis/mvm";
import { RpcError, rpcCodes } from "@metis/runtime";
import { decodeErrorResult, parseAbi, type Hex } from "viem";

const solidityErrors = parseAbi(["error Error(string)", "error Panic(uint256)"]);

/** Meaning of Solidity's panic codes, in geth's words. */
const panics: Readonly<Record<string, string>> = {
  "0": "generic panic",
  "1": "assert(false)",
  "17": "arithmetic underflow or overflow",
  "18": "division or modulo by zero",
  "33": "enum overflow",
  "34": "invalid encoded storage byte array accessed",
  "49": "out-of-bounds array access; popping on an empty array",
  "50": "out-of-bounds access of an array or bytesN",
  "65": "out of memory",
  "81": "uninitialized function",
};

/** The reason in a revert's output when it is Solidity's `Error(string)` or `Panic(uint256)`. */
function reasonOf(output: Hex): string | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi: solidityErrors, data: output });
    if (errorName === "Error") return args[0];
    return panics[String(args[0])] ?? `unknown panic code: 0x${args[0].toString(16)}`;
  } catch {
    return undefined;
  }
}

/** Code 3 with the output as data, as geth answers. */
export function revertError(output: Hex): RpcError {
  const reason = reasonOf(output);
  return new RpcError(
    rpcCodes.reverted,
    reason === undefined ? "execution reverted" : `execution reverted: ${reason}`,
    output,
  );
}

/** The output of a call that went well; throws what a client is told of one that did not. */
export function outputOf(result: CallResult): Hex {
  if (result.status === "success") return result.output;
  if (result.status === "revert") throw revertError(result.output);
  throw new RpcError(rpcCodes.serverError, result.reason);
}
