import type { AbiParameter, DecodeAbiParametersReturnType, Hex } from "viem";
import { bytesToHex, decodeAbiParameters, encodeAbiParameters, hexToBytes } from "viem/utils";
import { DecodeError } from "./decodeError.ts";

/**
 * Decodes `data` as `parameters` and accepts only what `abi.encode` itself would produce: the values are encoded again
 * and compared. Throws `DecodeError`; `maxBytes` bounds the work.
 */
export function decodeCanonicalAbi<const Parameters extends readonly AbiParameter[]>(
  what: string,
  parameters: Parameters,
  data: Hex | Uint8Array,
  maxBytes: number,
): DecodeAbiParametersReturnType<Parameters> {
  let bytes: Uint8Array;
  try {
    bytes = typeof data === "string" ? hexToBytes(data) : data;
  } catch {
    throw new DecodeError(what, "not hex");
  }
  if (bytes.length > maxBytes) throw new DecodeError(what, `longer than ${maxBytes} bytes`);
  let values: DecodeAbiParametersReturnType<Parameters>;
  let again: Hex;
  try {
    values = decodeAbiParameters(parameters, bytes);
    again = encodeAbiParameters(parameters, values as never);
  } catch (error) {
    throw new DecodeError(what, error instanceof Error ? error.message.split("\n")[0]! : "malformed");
  }
  if (again !== bytesToHex(bytes)) throw new DecodeError(what, "not canonical");
  return values;
}
