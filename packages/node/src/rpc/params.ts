import { invalidParam, param, readObject, RpcError, rpcCodes, type Param } from "@metis/runtime";
import type { Hash } from "@metis/protocol";
import type { Hex } from "viem";

export type BlockTag = "earliest" | "latest" | "pending" | "safe" | "finalized";

/** How a client names a block (EIP-1898 included). */
export type BlockSelector =
  | { readonly tag: BlockTag }
  | { readonly number: bigint }
  | { readonly hash: Hash; readonly requireCanonical: boolean };

const tags: readonly string[] = ["earliest", "latest", "pending", "safe", "finalized"] satisfies readonly BlockTag[];
const expected = "a block: a number, a tag (earliest, latest, pending, safe, finalized) or a hash";

function readText(value: string, at: string): BlockSelector {
  if (tags.includes(value)) return { tag: value as BlockTag };
  if (!value.startsWith("0x")) throw invalidParam(at, expected, value);
  if (value.length === 66) return { hash: param.hash.read(value, at), requireCanonical: false };
  return { number: param.uint64.read(value, at) };
}

/** A block by number or tag only. */
export const blockNumberParam: Param<BlockSelector> = {
  optional: false,
  read(value, at) {
    if (typeof value !== "string") throw invalidParam(at, "a block number or tag", value);
    if (value.length === 66) throw invalidParam(at, "a block number of at most 64 bits or a tag", value);
    return readText(value, at);
  },
};

/** A block by number, tag, hash, or `{blockNumber}` / `{blockHash, requireCanonical}`. */
export const blockParam: Param<BlockSelector> = {
  optional: false,
  read(value, at) {
    if (typeof value === "string") return readText(value, at);
    if (typeof value !== "object" || value === null) throw invalidParam(at, expected, value);
    const { blockNumber, blockHash, requireCanonical } = readObject(value, at);
    if (blockNumber !== undefined && blockHash !== undefined)
      throw invalidParam(at, "either blockNumber or blockHash, not both", value);
    if (blockNumber !== undefined) return blockNumberParam.read(blockNumber, `${at}.blockNumber`);
    const canonical =
      requireCanonical === undefined ? false : param.boolean.read(requireCanonical, `${at}.requireCanonical`);
    return { hash: param.hash.read(blockHash, `${at}.blockHash`), requireCanonical: canonical };
  },
};

/** The same, latest when absent. */
export const blockOrLatest: Param<BlockSelector> = {
  optional: true,
  read: (value, at) => (value === undefined || value === null ? { tag: "latest" } : blockParam.read(value, at)),
};

const storageKey = (value: unknown, at: string): { readonly given: string; readonly digits: string } => {
  if (typeof value !== "string") throw invalidParam(at, "a storage key", value);
  const digits = value.startsWith("0x") || value.startsWith("0X") ? value.slice(2) : value;
  const shown = JSON.stringify(value.slice(0, 100));
  if (digits.length > 64) throw storageKeyError(`storage key too long (want at most 32 bytes): ${shown}`);
  if (!/^[0-9a-f]*$/i.test(digits)) throw storageKeyError(`invalid hex in storage key: ${shown}`);
  return { given: value, digits: digits.toLowerCase() };
};

/** A storage slot of up to 32 bytes, as a short number or in full; comes out in full. Messages as geth's. */
export const slotParam: Param<Hash> = {
  optional: false,
  read: (value, at) => `0x${storageKey(value, at).digits.padStart(64, "0")}`,
};

/** A slot as the client wrote it, in the form that `eth_getProof` repeats it, and in full. */
export const proofKeyParam: Param<{ readonly shown: Hex; readonly slot: Hash }> = {
  optional: false,
  read(value, at) {
    const { digits } = storageKey(value, at);
    const slot: Hash = `0x${digits.padStart(64, "0")}`;
    return { slot, shown: digits.length === 64 ? slot : `0x${digits.replace(/^0+(?=.)/, "") || "0"}` };
  },
};

const storageKeyError = (message: string): RpcError => new RpcError(rpcCodes.invalidParams, message);
