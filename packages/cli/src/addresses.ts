import { isAddress, type Address } from "viem";
import { UsageError } from "./io.ts";

/** An address in hex; in mixed case its checksum (EIP-55) has to fit. Throws `UsageError` that begins with `what`. */
export function parseAddress(text: string, what: string): Address {
  if (!isAddress(text, { strict: false })) throw new UsageError(`${what} takes an address, not "${text}"`);
  if (isAddress(text)) return text;
  throw new UsageError(
    `${what}: a digit of ${String(text)} is wrong: its checksum (upper and lower case) does not fit`,
  );
}
