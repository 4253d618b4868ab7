import {
  decodeTransaction,
  fromHex,
  type AccessList,
  type SignedAuthorization,
  type SignedTransaction,
} from "@metis/protocol";
import type { Hex } from "viem";
import { RollupError } from "../errors.ts";
import { concat, packBits, uint, varint, word } from "./columns.ts";

const empty = new Uint8Array();
const creationKind = 8;
const unprotectedKind = 5;

/** A transaction split into its entries of the columns up to s; the parity is a column of its own. */
interface Split {
  readonly entries: readonly Uint8Array[];
  readonly isOdd: boolean;
}

/** Entries stand in this order (docs/spec/payload.md, "Transaction columns"); y parity comes before the last two. */
function split(raw: Hex, chainId: bigint): Split {
  const tx = decodeTransaction(fromHex(raw));
  if (tx.type === 3 || tx.type === 0x7e)
    throw notEncodable(`a transaction of type ${tx.type} has no place in a payload`);
  const unprotected = tx.type === 0 && tx.chainId === undefined;
  if (!unprotected && tx.chainId !== chainId) throw notEncodable("a transaction is signed for another chain");
  if (tx.type === 4 && tx.to === null) throw notEncodable("a set-code transaction cannot create");
  const kind = (unprotected ? unprotectedKind : tx.type) + (tx.to === null ? creationKind : 0);
  const data = fromHex(tx.data);
  const capped = "maxFeePerGas" in tx;
  const entries = [
    Uint8Array.of(kind),
    varint(tx.nonce),
    capped ? uint(tx.maxPriorityFeePerGas) : empty,
    uint(capped ? tx.maxFeePerGas : tx.gasPrice),
    varint(tx.gasLimit),
    tx.to === null ? empty : fromHex(tx.to),
    uint(tx.value),
    varint(data.length),
    data,
    "accessList" in tx ? accessList(tx.accessList) : empty,
    tx.type === 4 ? authorizations(tx.authorizationList) : empty,
    ...signature(tx),
  ];
  return { entries, isOdd: tx.yParity === 1 };
}

const notEncodable = (why: string): RollupError => new RollupError("not-encodable", "reject", why);

function signature(tx: SignedTransaction): readonly Uint8Array[] {
  return [word(tx.r), word(tx.s)];
}

function accessList(list: AccessList): Uint8Array {
  const entries = list.flatMap(({ address, storageKeys }) => [
    fromHex(address),
    varint(storageKeys.length),
    ...storageKeys.map((key) => fromHex(key)),
  ]);
  return concat([varint(list.length), ...entries]);
}

function authorizations(list: readonly SignedAuthorization[]): Uint8Array {
  const entries = list.flatMap(({ chainId, address, nonce, yParity, r, s }) => [
    uint(chainId),
    fromHex(address),
    varint(nonce),
    Uint8Array.of(yParity),
    uint(r),
    uint(s),
  ]);
  return concat([varint(list.length), ...entries]);
}

const sizeOf = ({ entries }: Split): number => entries.reduce((sum, entry) => sum + entry.length, 1);

/**
 * `size(tx)` of docs/spec/payload.md, bytes of EIP-2718 bytes `raw` in the content at most.
 * Throws `DecodeError` or `RollupError` for what cannot be in a payload.
 */
export const transactionSize = (raw: Hex, chainId: bigint): number => sizeOf(split(raw, chainId));

/** The transaction columns, in order. Throws as `transactionSize` does. */
export function transactionColumns(transactions: readonly Hex[], chainId: bigint): readonly Uint8Array[] {
  const all = transactions.map((raw) => split(raw, chainId));
  const width = all[0]?.entries.length ?? 0;
  const columns = Array.from({ length: width }, (_, column) => concat(all.map(({ entries }) => entries[column]!)));
  const parities = packBits(all.map(({ isOdd }) => isOdd));
  return [...columns.slice(0, -2), parities, ...columns.slice(-2)];
}
