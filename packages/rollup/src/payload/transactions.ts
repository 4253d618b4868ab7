import { DecodeError, decodeRlp, fromHex, RlpFields, transactionTypes } from "@metis/protocol";
import type { RlpItem } from "@metis/protocol";
import type { Hex } from "viem";
import { RollupError } from "../errors.ts";
import { concat, packBits, uintOf, varint, varintOf, wordOf } from "./columns.ts";

const empty = new Uint8Array();
const creationKind = 8;
const unprotectedKind = 5;

/** A transaction split into its entries of the columns up to s; the parity is a column of its own. */
interface Split {
  readonly entries: readonly Uint8Array[];
  readonly isOdd: boolean;
}

/**
 * Entries stand in this order (docs/spec/payload.md, "Transaction columns"); y parity comes before the last two. They are made of
 * the transaction's own bytes, in which integers are minimal and big-endian already: a full block has a thousand of them.
 */
function split(raw: Hex, chainId: bigint): Split {
  const bytes = fromHex(raw);
  const type = bytes[0];
  if (type === undefined) throw new DecodeError("transaction", "is empty");
  if (type >= 0xc0) return splitLegacy(new RlpFields("transaction", decodeRlp(bytes)), chainId);
  if (type !== transactionTypes.accessList && type !== transactionTypes.feeMarket && type !== transactionTypes.setCode)
    throw notEncodable(`a transaction of type ${type} has no place in a payload`);
  return splitTyped(type, new RlpFields("transaction", decodeRlp(bytes.subarray(1))), chainId);
}

function splitTyped(type: number, fields: RlpFields, chainId: bigint): Split {
  if (fields.uint() !== chainId) throw otherChain();
  const nonce = varintOf(fields.integer(64));
  const tip = type === transactionTypes.accessList ? empty : uintOf(fields.integer());
  const { creates, entries } = calls(fields);
  const setsCode = type === transactionTypes.setCode;
  if (setsCode && creates) throw notEncodable("a set-code transaction cannot create");
  const lists = [accessList(fields.list()), setsCode ? authorizations(fields.list()) : empty];
  const isOdd = fields.boolean();
  return { entries: [kindOf(type, creates), nonce, tip, ...entries, ...lists, ...signature(fields)], isOdd };
}

function splitLegacy(fields: RlpFields, chainId: bigint): Split {
  const nonce = varintOf(fields.integer(64));
  const { creates, entries } = calls(fields);
  const v = fields.uint();
  const isProtected = v >= 35n;
  if (isProtected && (v - 35n) / 2n !== chainId) throw otherChain();
  if (!isProtected && v !== 27n && v !== 28n) throw new DecodeError("transaction", `v is ${v}`);
  const kind = kindOf(isProtected ? transactionTypes.legacy : unprotectedKind, creates);
  return { entries: [kind, nonce, empty, ...entries, empty, empty, ...signature(fields)], isOdd: v % 2n === 0n };
}

const notEncodable = (why: string): RollupError => new RollupError("not-encodable", "reject", why);
const otherChain = (): RollupError => notEncodable("a transaction is signed for another chain");
const kindOf = (type: number, creates: boolean): Uint8Array => Uint8Array.of(type + (creates ? creationKind : 0));

/** What every type has in this order: price (its cap), gas limit, recipient, value, data. */
function calls(fields: RlpFields): { readonly creates: boolean; readonly entries: readonly Uint8Array[] } {
  const price = uintOf(fields.integer());
  const gasLimit = varintOf(fields.integer(64));
  const to = fields.bytes(20);
  if (to.length !== 0 && to.length !== 20)
    throw new DecodeError("transaction", "the recipient is neither empty nor 20 bytes long");
  const value = uintOf(fields.integer());
  const data = fields.bytes();
  return { creates: to.length === 0, entries: [price, gasLimit, to, value, varint(data.length), data] };
}

/** The last two fields. */
function signature(fields: RlpFields): readonly Uint8Array[] {
  const entries = [wordOf(fields.integer()), wordOf(fields.integer())];
  fields.end();
  return entries;
}

function fixed(item: RlpItem, length: number): Uint8Array {
  if (!(item instanceof Uint8Array) || item.length !== length)
    throw new DecodeError("transaction", `a list item is not ${length} bytes long`);
  return item;
}

function accessList(list: readonly RlpItem[]): Uint8Array {
  const entries = list.flatMap((item) => {
    const entry = new RlpFields("access list", item);
    const address = fixed(entry.bytes(), 20);
    const keys = entry.list();
    entry.end();
    return [address, varint(keys.length), ...keys.map((key) => fixed(key, 32))];
  });
  return concat([varint(list.length), ...entries]);
}

function authorizations(list: readonly RlpItem[]): Uint8Array {
  const entries = list.flatMap((item) => {
    const entry = new RlpFields("authorization", item);
    const chainId = uintOf(entry.integer());
    const address = fixed(entry.bytes(), 20);
    const nonce = varintOf(entry.integer(64));
    const parity = Uint8Array.of(entry.number(255));
    const words = [uintOf(entry.integer()), uintOf(entry.integer())];
    entry.end();
    return [chainId, address, nonce, parity, ...words];
  });
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
