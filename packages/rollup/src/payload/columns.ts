import type { Hex } from "viem";
import { hexToBytes } from "viem/utils";

/** Minimal unsigned LEB128 (docs/spec/payload.md, "Numbers"). */
export function varint(value: bigint | number): Uint8Array {
  let rest = BigInt(value);
  if (rest < 0n || rest >= 1n << 64n) throw new RangeError(`${value} is no varint`);
  const out: number[] = [];
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}

/** Length byte and minimal big-endian bytes. */
export function uint(value: bigint): Uint8Array {
  if (value === 0n) return Uint8Array.of(0);
  const digits = value.toString(16);
  const bytes = hexToBytes(`0x${digits.length % 2 === 1 ? "0" : ""}${digits}`);
  return concat([Uint8Array.of(bytes.length), bytes]);
}

/** 32 bytes, big endian. */
export const word = (value: bigint): Uint8Array => hexToBytes(`0x${value.toString(16).padStart(64, "0")}`);

/** Varint length, then the bytes. */
export function lengthAndBytes(value: Hex): Uint8Array {
  const bytes = hexToBytes(value);
  return concat([varint(bytes.length), bytes]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** One bit each, eight to a byte, the first in the lowest. */
export function packBits(bits: readonly boolean[]): Uint8Array {
  const out = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    if (bit) out[i >> 3]! |= 1 << (i & 7);
  });
  return out;
}
