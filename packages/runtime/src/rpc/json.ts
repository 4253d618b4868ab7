import { isUtf8 } from "node:buffer";
import { RpcError, rpcCodes } from "./errors.ts";

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;

/**
 * Parses a request. Throws `RpcError` -32700 for bad UTF-8, for JSON that is none, and for nesting deeper than `maxDepth`,
 * so that nothing behind it can be made to recurse.
 */
export function parseRequest(bytes: Buffer, maxDepth: number): unknown {
  if (!isUtf8(bytes)) throw new RpcError(rpcCodes.parseError, "parse error: the request is not valid UTF-8");
  if (deeperThan(bytes, maxDepth))
    throw new RpcError(rpcCodes.parseError, `parse error: nested deeper than ${maxDepth} levels`);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new RpcError(rpcCodes.parseError, "parse error: the request is not valid JSON");
  }
}

function deeperThan(bytes: Buffer, maxDepth: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === backslash) i++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === openBrace || byte === openBracket) {
      if (++depth > maxDepth) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return false;
}
