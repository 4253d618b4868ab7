import { decodeRlp, RlpFields, type Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";

/** A block header of any fork (Yellow Paper 4.3.3 and the EIPs that added fields). */
export interface Header {
  readonly parentHash: Hash;
  readonly ommersHash: Hash;
  readonly coinbase: Address;
  readonly stateRoot: Hash;
  readonly transactionsRoot: Hash;
  readonly receiptsRoot: Hash;
  readonly logsBloom: Hex;
  readonly difficulty: bigint;
  readonly number: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  readonly timestamp: bigint;
  readonly extraData: Hex;
  readonly mixHash: Hash;
  readonly nonce: Hex;
  /** EIP-1559. */
  readonly baseFeePerGas: bigint | undefined;
  /** EIP-4895. */
  readonly withdrawalsRoot: Hash | undefined;
  /** EIP-4844. */
  readonly blobGasUsed: bigint | undefined;
  readonly excessBlobGas: bigint | undefined;
  /** EIP-4788. */
  readonly parentBeaconBlockRoot: Hash | undefined;
  /** EIP-7685. */
  readonly requestsHash: Hash | undefined;
}

/** Throws `DecodeError`. */
export function decodeHeader(rlp: Hex): Header {
  const fields = new RlpFields("header", decodeRlp(Buffer.from(rlp.slice(2), "hex")));
  const optional = <T>(read: () => T): T | undefined => (fields.left > 0 ? read() : undefined);
  return {
    parentHash: fields.fixed(32),
    ommersHash: fields.fixed(32),
    coinbase: fields.address(),
    stateRoot: fields.fixed(32),
    transactionsRoot: fields.fixed(32),
    receiptsRoot: fields.fixed(32),
    logsBloom: fields.fixed(256),
    difficulty: fields.uint(),
    number: fields.uint(64),
    gasLimit: fields.uint(64),
    gasUsed: fields.uint(64),
    timestamp: fields.uint(64),
    extraData: fields.hex(),
    mixHash: fields.fixed(32),
    nonce: fields.fixed(8),
    baseFeePerGas: optional(() => fields.uint()),
    withdrawalsRoot: optional(() => fields.fixed(32)),
    blobGasUsed: optional(() => fields.uint(64)),
    excessBlobGas: optional(() => fields.uint(64)),
    parentBeaconBlockRoot: optional(() => fields.fixed(32)),
    requestsHash: optional(() => fields.fixed(32)),
  };
}

/** Where the bloom filter lies in a header's hex: after the list's head (3 bytes), five hashes, an address, and its own head. */
const bloomAt = 2 + 2 * (3 + 5 * 33 + 21 + 3);
const bloomDigits = 2 * 256;

/** The bloom filter of a header without decoding the rest. */
export const bloomOf = (headerRlp: Hex): string => headerRlp.slice(bloomAt, bloomAt + bloomDigits);
