import type { Address, Hex } from "viem";
import { bytesToHex } from "viem/utils";
import type { Hash } from "./brands.ts";
import { DecodeError } from "./decodeError.ts";
import { decodeDepositTransaction, depositTransactionType, type DepositTransaction } from "./deposit.ts";
import { hashBytes, keccak } from "./hash.ts";
import { decodeRlp, encodeRlp, RlpFields, type RlpItem } from "./rlp.ts";

/** First byte of a signed EIP-2718 transaction; a legacy one has none and counts as 0. */
export const transactionTypes = { legacy: 0, accessList: 1, feeMarket: 2, blob: 3, setCode: 4 } as const;

/** EIP-2930. */
export type AccessList = readonly { readonly address: Address; readonly storageKeys: readonly Hash[] }[];

/** EIP-7702. */
export interface SignedAuthorization {
  readonly chainId: bigint;
  readonly address: Address;
  readonly nonce: bigint;
  readonly yParity: number;
  readonly r: bigint;
  readonly s: bigint;
}

interface Common {
  readonly hash: Hash;
  readonly gasLimit: bigint;
  /** `null` creates a contract. */
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Hex;
}

interface Signed extends Common {
  /** `undefined`: a legacy transaction without replay protection (EIP-155). */
  readonly chainId: bigint | undefined;
  readonly nonce: bigint;
  readonly yParity: 0 | 1;
  readonly r: bigint;
  readonly s: bigint;
  /** What the sender signed. */
  readonly signingHash: Uint8Array;
}

interface PricedByGasPrice {
  readonly gasPrice: bigint;
}

interface PricedByCap {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly accessList: AccessList;
}

export type LegacyTransaction = Signed & PricedByGasPrice & { readonly type: 0; readonly v: bigint };
export type AccessListTransaction = Signed & PricedByGasPrice & { readonly type: 1; readonly accessList: AccessList };
export type FeeMarketTransaction = Signed & PricedByCap & { readonly type: 2 };
export type BlobTransaction = Signed &
  PricedByCap & { readonly type: 3; readonly maxFeePerBlobGas: bigint; readonly blobVersionedHashes: readonly Hash[] };
export type SetCodeTransaction = Signed &
  PricedByCap & { readonly type: 4; readonly authorizationList: readonly SignedAuthorization[] };
/** `gas` and `gasLimit` are the same number. */
export type DecodedDeposit = Common & DepositTransaction & { readonly type: 0x7e };

export type SignedTransaction =
  | LegacyTransaction
  | AccessListTransaction
  | FeeMarketTransaction
  | BlobTransaction
  | SetCodeTransaction;
export type Transaction = SignedTransaction | DecodedDeposit;

/**
 * Reads EIP-2718 bytes of type 0 to 4 or 0x7E. Checks the encoding (canonical, complete, fields in range), not the signature.
 * Throws `DecodeError`.
 */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  const first = bytes[0];
  if (first === undefined) throw new DecodeError("transaction", "is empty");
  if (first >= 0xc0) return legacy(bytes);
  if (first === depositTransactionType) return deposit(bytes);
  const item = decodeRlp(bytes.subarray(1));
  const fields = new RlpFields("transaction", item);
  const hashes = new Hashes(bytes, () => typedMessage(first, item));
  switch (first) {
    case transactionTypes.accessList:
      return accessList(fields, hashes);
    case transactionTypes.feeMarket:
      return feeMarket(fields, hashes);
    case transactionTypes.blob:
      return blob(fields, hashes);
    case transactionTypes.setCode:
      return setCode(fields, hashes);
    default:
      throw new DecodeError("transaction", `type 0x${first.toString(16)} is unknown`);
  }
}

/** Most that a unit of gas may cost the sender. */
export const feeCap = (tx: SignedTransaction): bigint => ("gasPrice" in tx ? tx.gasPrice : tx.maxFeePerGas);

/** Most that the proposer may get of it. */
export const tipCap = (tx: SignedTransaction): bigint => ("gasPrice" in tx ? tx.gasPrice : tx.maxPriorityFeePerGas);

/** What a unit of gas costs in a block of that base fee (EIP-1559). Below the base fee when the cap is. */
export function effectiveGasPrice(tx: SignedTransaction, baseFee: bigint): bigint {
  const cap = feeCap(tx);
  const wanted = baseFee + tipCap(tx);
  return wanted < cap ? wanted : cap;
}

/**
 * The two hashes of a transaction, made when they are asked for: most of what decoding costs, and many readers want neither. What
 * one is made of is let go with it: a pool keeps thousands of transactions.
 */
class Hashes {
  #bytes: Uint8Array | undefined;
  #message: (() => Uint8Array) | undefined;
  #hash: Hash | undefined;
  #signingHash: Uint8Array | undefined;

  /** `message`: what was signed. */
  constructor(bytes: Uint8Array, message: () => Uint8Array) {
    this.#bytes = bytes;
    this.#message = message;
  }

  get hash(): Hash {
    this.#hash ??= hashBytes(this.#bytes!);
    this.#bytes = undefined;
    return this.#hash;
  }

  get signingHash(): Uint8Array {
    this.#signingHash ??= keccak(this.#message!());
    this.#message = undefined;
    return this.#signingHash;
  }
}

/** The fields before the signature, under the type byte. */
function typedMessage(type: number, item: RlpItem): Uint8Array {
  const body = encodeRlp((item as readonly RlpItem[]).slice(0, -3));
  const message = new Uint8Array(body.length + 1);
  message[0] = type;
  message.set(body, 1);
  return message;
}

function recipient(fields: RlpFields): Address | null {
  const bytes = fields.bytes(20);
  if (bytes.length === 0) return null;
  if (bytes.length !== 20) throw new DecodeError("transaction", "the recipient is neither empty nor 20 bytes long");
  return bytesToHex(bytes);
}

function legacy(bytes: Uint8Array): LegacyTransaction {
  const item = decodeRlp(bytes);
  const fields = new RlpFields("transaction", item);
  const nonce = fields.uint(64);
  const gasPrice = fields.uint();
  const gasLimit = fields.uint(64);
  const to = recipient(fields);
  const value = fields.uint();
  const data = fields.hex();
  const v = fields.uint();
  const r = fields.uint();
  const s = fields.uint();
  fields.end();
  const isProtected = v >= 35n;
  if (!isProtected && v !== 27n && v !== 28n) throw new DecodeError("transaction", `v is ${v}`);
  const chainId = isProtected ? (v - 35n) / 2n : undefined;
  const unsigned = (item as readonly RlpItem[]).slice(0, 6);
  const signed = chainId === undefined ? unsigned : [...unsigned, chainId, 0, 0];
  const hashes = new Hashes(bytes, () => encodeRlp(signed));
  return {
    type: 0,
    get hash() {
      return hashes.hash;
    },
    get signingHash() {
      return hashes.signingHash;
    },
    chainId,
    nonce,
    gasPrice,
    gasLimit,
    to,
    value,
    data,
    v,
    yParity: (isProtected ? (v - 35n) % 2n : v - 27n) === 0n ? 0 : 1,
    r,
    s,
  };
}

interface Signature {
  readonly yParity: 0 | 1;
  readonly r: bigint;
  readonly s: bigint;
}

/** Reads the last three fields, and refuses more. */
function signature(fields: RlpFields): Signature {
  const yParity = fields.number(1) === 0 ? 0 : 1;
  const r = fields.uint();
  const s = fields.uint();
  fields.end();
  return { yParity, r, s };
}

function accessList(fields: RlpFields, hashes: Hashes): AccessListTransaction {
  return {
    type: 1,
    get hash() {
      return hashes.hash;
    },
    get signingHash() {
      return hashes.signingHash;
    },
    chainId: fields.uint(),
    nonce: fields.uint(64),
    gasPrice: fields.uint(),
    gasLimit: fields.uint(64),
    to: recipient(fields),
    value: fields.uint(),
    data: fields.hex(),
    accessList: readAccessList(fields),
    ...signature(fields),
  };
}

/** The fields that types 2, 3 and 4 begin with. */
const capped = (fields: RlpFields) => ({
  chainId: fields.uint(),
  nonce: fields.uint(64),
  maxPriorityFeePerGas: fields.uint(),
  maxFeePerGas: fields.uint(),
  gasLimit: fields.uint(64),
  to: recipient(fields),
  value: fields.uint(),
  data: fields.hex(),
  accessList: readAccessList(fields),
});

const feeMarket = (fields: RlpFields, hashes: Hashes): FeeMarketTransaction => ({
  type: 2,
  get hash() {
    return hashes.hash;
  },
  get signingHash() {
    return hashes.signingHash;
  },
  ...capped(fields),
  ...signature(fields),
});

const blob = (fields: RlpFields, hashes: Hashes): BlobTransaction => ({
  type: 3,
  get hash() {
    return hashes.hash;
  },
  get signingHash() {
    return hashes.signingHash;
  },
  ...capped(fields),
  maxFeePerBlobGas: fields.uint(),
  blobVersionedHashes: fields.list().map(word),
  ...signature(fields),
});

const setCode = (fields: RlpFields, hashes: Hashes): SetCodeTransaction => ({
  type: 4,
  get hash() {
    return hashes.hash;
  },
  get signingHash() {
    return hashes.signingHash;
  },
  ...capped(fields),
  authorizationList: fields.list().map(readAuthorization),
  ...signature(fields),
});

function deposit(bytes: Uint8Array): DecodedDeposit {
  const tx = decodeDepositTransaction(bytes);
  return { type: 0x7e, hash: hashBytes(bytes), gasLimit: tx.gas, ...tx };
}

function word(item: RlpItem): Hash {
  if (!(item instanceof Uint8Array) || item.length !== 32)
    throw new DecodeError("transaction", "a list item is not 32 bytes long");
  return bytesToHex(item);
}

const readAccessList = (fields: RlpFields): AccessList =>
  fields.list().map((entry) => {
    const inner = new RlpFields("access list", entry);
    const result = { address: inner.address(), storageKeys: inner.list().map(word) };
    inner.end();
    return result;
  });

function readAuthorization(entry: RlpItem): SignedAuthorization {
  const inner = new RlpFields("authorization", entry);
  const result = {
    chainId: inner.uint(),
    address: inner.address(),
    nonce: inner.uint(64),
    yParity: inner.number(255),
    r: inner.uint(),
    s: inner.uint(),
  };
  inner.end();
  return result;
}
