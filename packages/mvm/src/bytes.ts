import type { Hex } from "viem";

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** 0x hex of `bytes`, lower case. */
export const toHex = (bytes: Uint8Array): Hex => `0x${view(bytes).toString("hex")}`;

/** Bytes of well-formed 0x hex; the caller has checked the form. */
export const fromHex = (hex: string): Buffer => Buffer.from(hex.slice(2), "hex");

export const equalBytes = (left: Uint8Array, right: Uint8Array): boolean => view(left).equals(view(right));

export const toBigInt = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt(toHex(bytes)));

/** `value` as `size` bytes, big endian. */
export const fromBigInt = (value: bigint, size: number): Buffer =>
  Buffer.from(value.toString(16).padStart(size * 2, "0"), "hex");

/** `bytes` without leading zero bytes; a view. */
export function trimZeros(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  return start === 0 ? bytes : bytes.subarray(start);
}

/** `bytes` with leading zeros up to `size`. */
export function padStart(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes;
  const padded = new Uint8Array(size);
  padded.set(bytes, size - bytes.length);
  return padded;
}

/** `bytes` as 0x hex, `length` of them in each part. */
export function split(bytes: Uint8Array, length: number): Hex[] {
  const count = bytes.length / length;
  return Array.from({ length: count }, (_, i) => toHex(bytes.subarray(i * length, (i + 1) * length)));
}
