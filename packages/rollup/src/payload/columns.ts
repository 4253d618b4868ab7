import type { Hex } from "viem";
import { hexToBytes } from "viem/utils";

/** Minimal unsigned LEB128 (docs/spec/payload.md, "Numbers"). */
export function varint(value: bigint | number): Uint8Array {
  if (typeof value === "number" && value >= 0 && value < 0x80) return Uint8Array.of(value);
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

/** The varint of an integer below 2^64 whose minimal big-endian bytes are given. */
export function varintOf(bytes: Uint8Array): Uint8Array {
  const length = Math.max(1, Math.ceil((8 * bytes.length - leadingZeros(bytes)) / 7));
  const out = new Uint8Array(length);
  let [rest, bits, at] = [0, 0, bytes.length];
  for (let i = 0; i < length; i++) {
    if (bits < 7 && at > 0) {
      rest |= bytes[--at]! << bits;
      bits += 8;
    }
    out[i] = (rest & 0x7f) | (i < length - 1 ? 0x80 : 0);
    rest >>= 7;
    bits -= 7;
  }
  return out;
}

/** Bits above the highest one that is set. */
const leadingZeros = (bytes: Uint8Array): number => (bytes.length === 0 ? 0 : Math.clz32(bytes[0]!) - 24);

/** Length byte and minimal big-endian bytes. */
export function uint(value: bigint): Uint8Array {
  const digits = value === 0n ? "" : value.toString(16);
  return uintOf(hexToBytes(`0x${digits.length % 2 === 1 ? "0" : ""}${digits}`));
}

/** `uint` of an integer whose minimal big-endian bytes are given. */
export function uintOf(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1);
  out[0] = bytes.length;
  out.set(bytes, 1);
  return out;
}

/** 32 bytes, big endian. */
export const word = (value: bigint): Uint8Array => hexToBytes(`0x${value.toString(16).padStart(64, "0")}`);

/** `word` of an integer whose minimal big-endian bytes are given. */
export function wordOf(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(32);
  out.set(bytes, 32 - bytes.length);
  return out;
}

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
