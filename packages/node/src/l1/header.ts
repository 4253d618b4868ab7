import { encodeRlp } from "@metis/protocol";
import type { Hash, L1BlockNumber, RlpInput, Timestamp } from "@metis/protocol";
import { bytesToHex, keccak256 } from "viem";
import type { Address, Hex } from "viem";
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

/** A block as `eth_getBlockBy*` returns it. */
export interface JsonHeader {
  readonly number: Hex;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly sha3Uncles: Hash;
  readonly miner: Address;
  readonly stateRoot: Hash;
  readonly transactionsRoot: Hash;
  readonly receiptsRoot: Hash;
  readonly logsBloom: Hex;
  readonly difficulty: Hex;
  readonly gasLimit: Hex;
  readonly gasUsed: Hex;
  readonly timestamp: Hex;
  readonly extraData: Hex;
  readonly mixHash: Hash;
  readonly nonce: Hex;
  readonly baseFeePerGas?: Hex;
  readonly withdrawalsRoot?: Hash;
  readonly blobGasUsed?: Hex;
  readonly excessBlobGas?: Hex;
  readonly parentBeaconBlockRoot?: Hash;
  readonly requestsHash?: Hash;
}

/** Name and place of a JSON header, unchecked. */
export const blockRef = (header: JsonHeader): L1BlockRef => ({
  number: BigInt(header.number),
  hash: header.hash,
  parentHash: header.parentHash,
  timestamp: BigInt(header.timestamp),
});

/** The header with its RLP. Throws `l1-header-mismatch` when the fields do not hash to the hash the endpoint gave. */
export function checkedHeader(header: JsonHeader): L1Header {
  const rlp = bytesToHex(encodeRlp(headerFields(header)));
  if (keccak256(rlp) !== header.hash)
    throw new L1Error(
      "l1-header-mismatch",
      "halt",
      `L1 block ${BigInt(header.number)} does not hash to what the endpoint says; is its fork newer than this node?`,
      { number: header.number, hash: header.hash },
    );
  return { ...blockRef(header), rlp, baseFeePerGas: BigInt(header.baseFeePerGas ?? 0) };
}

/** Fields in the Yellow Paper's order, later forks' appended while they are there. */
function headerFields(header: JsonHeader): RlpInput[] {
  const fields: RlpInput[] = [
    header.parentHash,
    header.sha3Uncles,
    header.miner,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.logsBloom,
    BigInt(header.difficulty),
    BigInt(header.number),
    BigInt(header.gasLimit),
    BigInt(header.gasUsed),
    BigInt(header.timestamp),
    header.extraData,
    header.mixHash,
    header.nonce,
  ];
  const later: readonly (RlpInput | undefined)[] = [
    quantity(header.baseFeePerGas),
    header.withdrawalsRoot,
    quantity(header.blobGasUsed),
    quantity(header.excessBlobGas),
    header.parentBeaconBlockRoot,
    header.requestsHash,
  ];
  for (const field of later) {
    if (field === undefined) break;
    fields.push(field);
  }
  return fields;
}

const quantity = (value: Hex | undefined): bigint | undefined => (value === undefined ? undefined : BigInt(value));
