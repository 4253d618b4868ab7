import { rawBytes, rawItems } from "./raw.ts";

const addressLength = 20;
/** Place of the recipient among a transaction's fields, by its type. */
const recipientField = [3, 4, 5, 5, 5] as const;

/** Whom a signed transaction (EIP-2718 bytes) is sent to; nothing for a creation, and for what is no transaction. */
function recipientOf(transaction: Uint8Array): Uint8Array | undefined {
  const [type = 0] = transaction;
  const isLegacy = type >= 0xc0;
  const field = recipientField[isLegacy ? 0 : type];
  if (field === undefined) return undefined;
  const item = rawItems(isLegacy ? transaction : transaction.subarray(1))[field];
  const recipient = item && rawBytes(item);
  return recipient?.length === addressLength ? recipient : undefined;
}

/** Recipients of signed transactions, given as the RLP of their list; bytes that are no transaction have none. */
export const recipientsOf = (transactions: Uint8Array): Uint8Array[] =>
  rawItems(transactions).flatMap((item) => recipientOf(rawBytes(item)) ?? []);
