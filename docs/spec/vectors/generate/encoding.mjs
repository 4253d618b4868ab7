// Encodings of structs.md by hand: words and RLP joined as hex text, keccak256 the only library. Apart from
// packages/protocol on purpose.
import { writeFileSync } from "node:fs";
import { keccak_256 } from "@noble/hashes/sha3.js";

export const fromHex = (hex) => Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const toHex = (bytes) => `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
export const join = (...parts) => `0x${parts.map((part) => part.slice(2)).join("")}`;
export const keccak = (hex) => toHex(keccak_256(fromHex(hex)));
export const uint = (value, size) =>
  `0x${BigInt(value)
    .toString(16)
    .padStart(size * 2, "0")}`;
export const word = (value) => uint(value, 32);
export const text = (value) => toHex(new TextEncoder().encode(value));
export const length = (hex) => (hex.length - 2) / 2;
export const padRight = (hex) => hex + "00".repeat((32 - (length(hex) % 32)) % 32);

export const minimal = (value) => {
  const digits = BigInt(value).toString(16);
  return value === "0" || BigInt(value) === 0n ? "0x" : `0x${digits.length % 2 ? "0" : ""}${digits}`;
};
export const rlpHead = (base, size) =>
  size < 56 ? uint(base + size, 1) : join(uint(base + 55 + length(minimal(size)), 1), minimal(size));
export const rlpBytes = (hex) =>
  length(hex) === 1 && Number(hex) < 0x80 ? hex : join(rlpHead(0x80, length(hex)), hex);
export const rlpList = (items) => {
  const body = join("0x", ...items);
  return join(rlpHead(0xc0, length(body)), body);
};
export const rlpInt = (value) => rlpBytes(minimal(value));

// A fixed stream of pseudo-random bytes: keccak256 of a counter.
let counter = 0;
export const random = (size) => {
  let out = "0x";
  while (length(out) < size) out = join(out, keccak(word(counter++)));
  return out.slice(0, 2 + size * 2);
};
export const randomUint = (bits) => (BigInt(random(32)) >> BigInt(256 - bits)).toString();
export const address = () => random(20);
export const zero32 = word(0);
export const zero20 = uint(0, 20);
export const max = (bits) => ((1n << BigInt(bits)) - 1n).toString();

export const write = (file, vectors) =>
  writeFileSync(new URL(`../${file}.json`, import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
