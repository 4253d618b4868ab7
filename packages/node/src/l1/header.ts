import { encodeL1Header } from "@metis/protocol";
import type { Hash, L1BlockNumber, L1JsonHeader, Timestamp } from "@metis/protocol";
import { keccak256 } from "viem";
import type { Hex } from "viem";
import { L1Error } from "./errors.ts";

/** An L1 block by name and place. */
export interface L1BlockRef {
  readonly number: L1BlockNumber;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly timestamp: Timestamp;
}

/** An L1 header whose RLP hashes to `hash`. */
export interface L1Header extends L1BlockRef {
  readonly rlp: Hex;
  readonly baseFeePerGas: bigint;
}

/** Name and place of a JSON header, unchecked. */
export const blockRef = (header: L1JsonHeader): L1BlockRef => ({
  number: BigInt(header.number),
  hash: header.hash,
  parentHash: header.parentHash,
  timestamp: BigInt(header.timestamp),
});

/** The header with its RLP. Throws `l1-header-mismatch` when the fields do not hash to the hash the endpoint gave. */
export function checkedHeader(header: L1JsonHeader): L1Header {
  const rlp = encodeL1Header(header);
  if (keccak256(rlp) !== header.hash)
    throw new L1Error(
      "l1-header-mismatch",
      "halt",
      `L1 block ${BigInt(header.number)} does not hash to what the endpoint says; is its fork newer than this node?`,
      { number: header.number, hash: header.hash },
    );
  return { ...blockRef(header), rlp, baseFeePerGas: BigInt(header.baseFeePerGas ?? 0) };
}
