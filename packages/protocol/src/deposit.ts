import type { Address, Hex } from "viem";
import { concatHex, encodeAbiParameters, keccak256, numberToHex, size } from "viem/utils";
import type { Hash } from "./brands.ts";
import { DecodeError } from "./decodeError.ts";
import { addressAlias } from "./predeploys.ts";
import { RlpFields, decodeRlp, encodeRlp } from "./rlp.ts";
import type { Deposit } from "./structs.ts";

/** 32 bytes of zero. */
export const zeroHash: Hash = `0x${"00".repeat(32)}`;
/** 20 bytes of zero: no recipient, nobody. */
export const zeroAddress: Address = `0x${"00".repeat(20)}`;

/** Longest `data` of a deposit, bytes. */
export const maxDepositData = 120_000;
/** EIP-2718 type byte of deposits and system transactions. */
export const depositTransactionType = 0x7e;

const depositParameters = [
  { type: "uint64" },
  { type: "uint64" },
  { type: "address" },
  { type: "address" },
  { type: "uint256" },
  { type: "uint256" },
  { type: "uint64" },
  { type: "bool" },
  { type: "bytes32" },
] as const;

/** Least gas a deposit with `dataLength` bytes may ask for. */
export const minDepositGas = (dataLength: number): bigint => 21_000n + 40n * BigInt(dataLength);

/** docs/spec/structs.md, "Deposit". */
export const depositHash = (deposit: Deposit): Hash =>
  keccak256(
    encodeAbiParameters(depositParameters, [
      deposit.index,
      deposit.l1BlockNumber,
      deposit.from,
      deposit.to,
      deposit.mint,
      deposit.value,
      deposit.gasLimit,
      deposit.isCreation,
      keccak256(deposit.data),
    ]),
  );

/** Queue hash after `deposit`, given the one before it; `zeroHash` before the first. */
export const nextQueueHash = (queueHash: Hash, deposit: Deposit): Hash =>
  keccak256(concatHex([queueHash, depositHash(deposit)]));

/** Identity of a deposit's L2 transaction. */
export const depositSourceHash = (index: bigint): Hash => sourceHash(2n, index);
/** Identity of the system transaction of L2 block `number`. */
export const systemSourceHash = (number: bigint): Hash => sourceHash(1n, number);

const sourceHash = (domain: bigint, value: bigint): Hash =>
  keccak256(concatHex([numberToHex(domain, { size: 32 }), numberToHex(value, { size: 32 })]));

/** L2 name of an L1 contract. */
export const applyAlias = (address: Address): Address =>
  numberToHex(BigInt.asUintN(160, BigInt(address) + addressAlias), { size: 20 });
/** L1 contract behind an aliased L2 sender. */
export const undoAlias = (address: Address): Address =>
  numberToHex(BigInt.asUintN(160, BigInt(address) - addressAlias), { size: 20 });

/** An L2 transaction of type 0x7E. `to` is null for a creation. */
export interface DepositTransaction {
  readonly sourceHash: Hash;
  readonly from: Address;
  readonly to: Address | null;
  readonly mint: bigint;
  readonly value: bigint;
  readonly gas: bigint;
  readonly data: Hex;
}

/** The L2 transaction that a deposit becomes. */
export const depositTransaction = (deposit: Deposit): DepositTransaction => ({
  sourceHash: depositSourceHash(deposit.index),
  from: deposit.from,
  to: deposit.isCreation ? null : deposit.to,
  mint: deposit.mint,
  value: deposit.value,
  gas: deposit.gasLimit,
  data: deposit.data,
});

/** EIP-2718 bytes. */
export const encodeDepositTransaction = (transaction: DepositTransaction): Uint8Array => {
  const { sourceHash: source, from, to, mint, value, gas, data } = transaction;
  const body = encodeRlp([source, from, to ?? "0x", mint, value, gas, false, data]);
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = depositTransactionType;
  bytes.set(body, 1);
  return bytes;
};

/** Hash of the L2 transaction: keccak256 of its EIP-2718 bytes. */
export const depositTransactionHash = (transaction: DepositTransaction): Hash =>
  keccak256(encodeDepositTransaction(transaction));

/** Throws `DecodeError` on anything but the canonical bytes of a deposit transaction. */
export function decodeDepositTransaction(bytes: Uint8Array): DepositTransaction {
  const what = "deposit transaction";
  if (bytes[0] !== depositTransactionType) throw new DecodeError(what, "type byte is not 0x7E");
  const fields = new RlpFields(what, decodeRlp(bytes.subarray(1)));
  const source = fields.fixed(32);
  const from = fields.address();
  const to = fields.hex(20);
  if (to !== "0x" && size(to) !== 20) throw new DecodeError(what, "to is neither empty nor an address");
  const mint = fields.uint();
  const value = fields.uint();
  const gas = fields.uint(64);
  if (fields.boolean()) throw new DecodeError(what, "isSystemTx is set");
  const data = fields.hex();
  fields.end();
  return { sourceHash: source, from, to: to === "0x" ? null : to, mint, value, gas, data };
}
