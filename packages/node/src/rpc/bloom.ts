import { keccak } from "@metis/protocol";
import type { Hex } from "viem";

/** One bit of a 2048-bit filter as a position in its hex text: the digit, and the bit in it. */
interface Bit {
  readonly digit: number;
  readonly mask: number;
}

/** The three bits that an address or topic sets (Yellow Paper 4.3.1). */
export type BloomBits = readonly Bit[];

export function bloomBits(item: Hex): BloomBits {
  const hash = keccak(Buffer.from(item.slice(2), "hex"));
  return [0, 2, 4].map((at) => {
    const bit = (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047;
    return { digit: 511 - (bit >>> 2), mask: 1 << (bit & 3) };
  });
}

const digitValue = (code: number): number => (code < 58 ? code - 48 : code - 87);

const has = (bloom: string, bits: BloomBits): boolean =>
  bits.every(({ digit, mask }) => (digitValue(bloom.charCodeAt(digit)) & mask) !== 0);

/** Whether `bloom` (512 lower case hex digits) may hold, for each group, at least one of its items. An empty group holds always. */
export const mayHold = (bloom: string, groups: readonly (readonly BloomBits[])[]): boolean =>
  groups.every((group) => group.length === 0 || group.some((bits) => has(bloom, bits)));
