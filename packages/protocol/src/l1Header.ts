import { bytesToHex } from "viem/utils";
import type { Address, Hex } from "viem";
import type { Hash } from "./brands.ts";
import { encodeRlp } from "./rlp.ts";
import type { RlpInput } from "./rlp.ts";

/** A block as `eth_getBlockBy*` returns it. */
export interface L1JsonHeader {
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

/** RLP of an Ethereum header: its keccak256 is the block's hash, if every field is known here. */
export const encodeL1Header = (header: L1JsonHeader): Hex => bytesToHex(encodeRlp(headerFields(header)));

/** Fields in the Yellow Paper's order, later forks' appended while they are there. */
function headerFields(header: L1JsonHeader): RlpInput[] {
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
