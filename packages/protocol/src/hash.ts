import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Hash } from "./brands.ts";
import { toHex } from "./hex.ts";

/** keccak256 of long bytes, a block's say: the same as viem's, which brings an older library of half the speed. */
export const hashBytes = (bytes: Uint8Array): Hash => toHex(keccak_256(bytes));
