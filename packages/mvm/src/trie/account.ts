import { decodeRlp, encodeRlp } from "@metis/protocol";
import { fromBigInt, fromHex, padStart, toBigInt, trimZeros } from "../bytes.ts";

/** Root of the trie without entries: keccak256(rlp("")). */
export const emptyTrieRoot = fromHex("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
/** keccak256 of nothing. */
export const emptyCodeHash = fromHex("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");

/** Parts of an account as storage has it: nonce (8) ‖ balance (32) ‖ codeHash (32) ‖ storageRoot (32). */
export const codeHashOf = (account: Uint8Array): Uint8Array => account.subarray(40, 72);
export const storageRootOf = (account: Uint8Array): Uint8Array => account.subarray(72, 104);

/** The state trie's value for a stored account. */
export const accountLeaf = (account: Uint8Array): Uint8Array =>
  encodeRlp([
    trimZeros(account.subarray(0, 8)),
    trimZeros(account.subarray(8, 40)),
    storageRootOf(account),
    codeHashOf(account),
  ]);

/** Inverse of `accountLeaf`. */
export function accountFromLeaf(leaf: Uint8Array): Uint8Array {
  const [nonce, balance, storageRoot, codeHash] = decodeRlp(leaf) as readonly Uint8Array[];
  return Buffer.concat([fromBigInt(toBigInt(nonce!), 8), padStart(balance!, 32), codeHash!, storageRoot!]);
}
