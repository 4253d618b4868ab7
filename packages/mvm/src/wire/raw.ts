/** RLP taken apart and put together without decoding what is inside. For bytes that the kernel made. */

/** Where the payload of the item at `at` begins and ends. */
function payloadOf(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { start: at, end: at + 1 };
  const short = first - (first < 0xc0 ? 0x80 : 0xc0);
  if (short <= 55) return { start: at + 1, end: at + 1 + short };
  const start = at + 1 + short - 55;
  let length = 0;
  for (let i = at + 1; i < start; i++) length = length * 256 + bytes[i]!;
  return { start, end: start + length };
}

/** Encodings that stand one after the other, as views. */
export function rawSequence(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = payloadOf(bytes, at).end;
    items.push(bytes.subarray(at, next));
    at = next;
  }
  return items;
}

/** Encodings of a list's items, as views. */
export const rawItems = (list: Uint8Array): Uint8Array[] => rawSequence(rawBytes(list));

/** The bytes that `item` encodes, or the items of a list one after the other; a view. */
export function rawBytes(item: Uint8Array): Uint8Array {
  const { start, end } = payloadOf(item, 0);
  return item.subarray(start, end);
}

/** Length of the head of an item with a payload of `length` bytes. */
const headLength = (length: number): number => (length <= 55 ? 1 : 1 + Math.ceil(length.toString(16).length / 2));

/** Length of an item with a payload of `length` bytes, which is not one byte below 0x80. */
export const withHead = (length: number): number => headLength(length) + length;

/** The list of these items, each encoded already, in `room` of as many bytes. */
export function rawList(
  items: readonly Uint8Array[],
  room: (length: number) => Uint8Array = (length) => Buffer.allocUnsafe(length),
): Uint8Array {
  const length = items.reduce((sum, item) => sum + item.length, 0);
  const out = room(withHead(length));
  let at = putHead(out, 0, 0xc0, length);
  for (const item of items) {
    out.set(item, at);
    at += item.length;
  }
  return out;
}

/** What stands from item `from` up to item `to` of a list, as a view. `items`: of `rawItems`. */
export function rawSpan(items: readonly Uint8Array[], from: number, to: number): Uint8Array {
  const { buffer, byteOffset } = items[from]!;
  return new Uint8Array(buffer, byteOffset, items[to]!.byteOffset - byteOffset);
}

/** Writes the head of an item with a payload of `length` bytes; returns where the payload begins. */
function putHead(out: Uint8Array, at: number, base: number, length: number): number {
  const size = headLength(length) - 1;
  out[at] = size === 0 ? base + length : base + 55 + size;
  for (let i = size, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) out[at + i] = rest % 256;
  return at + 1 + size;
}

const isSmall = (hex: string): boolean => hex.length === 4 && hex < "0x80";

/** The list of byte strings given as well-formed 0x hex, lower case where a byte is alone; written in one go. */
export function hexList(strings: readonly string[]): Buffer {
  let length = 0;
  for (const hex of strings) length += isSmall(hex) ? 1 : withHead(hex.length / 2 - 1);
  const out = Buffer.allocUnsafe(withHead(length));
  let at = putHead(out, 0, 0xc0, length);
  for (const hex of strings) {
    const start = isSmall(hex) ? at : putHead(out, at, 0x80, hex.length / 2 - 1);
    at = start + out.write(hex.slice(2), start, "hex");
  }
  return out;
}

/**
 * Length of a list of signed transactions as a block holds it, out of the list of their EIP-2718 bytes: a legacy one stands there as
 * the list it is, a typed one as a byte string.
 */
export function transactionsLength(list: Uint8Array): number {
  const { start, end } = payloadOf(list, 0);
  let length = end - start;
  for (let at = start; at < end;) {
    const transaction = payloadOf(list, at);
    if (list[transaction.start]! >= 0xc0) length -= transaction.start - at;
    at = transaction.end;
  }
  return withHead(length);
}
