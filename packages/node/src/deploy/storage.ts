import { hexToBigInt, keccak256, numberToHex, padHex, stringToHex, type Address, type Hex } from "viem";
import type { Hash } from "@metis/protocol";

/** Raw storage of a contract: slot to word, both 32 bytes; zero words are left out. */
export type ContractStorage = Readonly<Record<Hash, Hash>>;

/** An account of block 0. */
export interface GenesisAccount {
  readonly nonce: bigint;
  /** METIS wei. */
  readonly balance: bigint;
  readonly code?: Hex;
  readonly storage?: ContractStorage;
}

/** A 32-byte word. */
export const word = (value: bigint | Hex): Hash =>
  typeof value === "bigint" ? numberToHex(value, { size: 32 }) : padHex(value.toLowerCase() as Hex, { size: 32 });

/** First slot of an ERC-7201 namespace. */
export const namespaceSlot = (id: string): bigint =>
  hexToBigInt(keccak256(word(hexToBigInt(keccak256(stringToHex(id))) - 1n))) & ~0xffn;

/** Fields packed into one word, lowest first, as Solidity does it. Throws `RangeError` when a value needs more bits. */
export function packed(fields: readonly { readonly bits: number; readonly value: bigint }[]): bigint {
  let position = 0n;
  let result = 0n;
  for (const { bits, value } of fields) {
    if (value < 0n || value >> BigInt(bits) !== 0n) throw new RangeError(`${value} does not fit ${bits} bits`);
    result |= value << position;
    position += BigInt(bits);
  }
  if (position > 256n) throw new RangeError("fields do not fit one word");
  return result;
}

/** Storage that holds `words` from slot `first` on. */
export function storageFrom(first: bigint, words: readonly (bigint | Hex)[]): ContractStorage {
  const entries = words.map((value, i) => [word(first + BigInt(i)), word(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => hexToBigInt(value) !== 0n));
}

/** ERC-1967: keccak256("eip1967.proxy.implementation") - 1. */
export const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** ERC-1967: keccak256("eip1967.proxy.admin") - 1. */
const adminSlot = "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103";
export const proxyStorage = (admin: Address, implementation: Address): ContractStorage => ({
  [implementationSlot]: word(implementation),
  [adminSlot]: word(admin),
});
