import { decodeRlp, RlpFields, type RlpItem } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { AccountView, CallRequest, CallResult, ProofView, SkipReason } from "../api.ts";
import { toBigInt, toHex } from "../bytes.ts";
import { readReason } from "./sealed.ts";

/** Responses of the kernel, field by field as docs/spec/kernel.md orders them. */

const bytesOf = (item: RlpItem): Uint8Array => {
  if (item instanceof Uint8Array) return item;
  throw new TypeError("the kernel answered a list where bytes belong");
};
const listOf = (item: RlpItem): readonly RlpItem[] => {
  if (item instanceof Uint8Array) throw new TypeError("the kernel answered bytes where a list belongs");
  return item;
};

/** Gas of the open block that counts against its limit, and the limit. */
export function readOpened(body: Uint8Array): { readonly gasUsed: bigint; readonly gasLimit: bigint } {
  const fields = new RlpFields("open_block", decodeRlp(body));
  return { gasUsed: fields.uint(64), gasLimit: fields.uint(64) };
}

/** What became of a transaction that was offered. */
export type Added =
  | { readonly included: true; readonly gasUsed: bigint }
  | { readonly included: false; readonly reason: SkipReason };

/** One for each transaction, in order. */
export const readAdded = (body: Uint8Array): Added[] =>
  listOf(decodeRlp(body)).map((item) =>
    item instanceof Uint8Array
      ? { included: true, gasUsed: toBigInt(item) }
      : { included: false, reason: readReason(new RlpFields("add_transactions", item)) },
  );

/** Reads `status, output, gasUsed, haltReason`. */
export function readResult(fields: RlpFields): CallResult {
  const status = fields.number();
  const output = fields.hex();
  const gasUsed = fields.uint(64);
  const reason = Buffer.from(fields.bytes()).toString();
  if (status === 0) return { status: "success", output, gasUsed };
  return status === 1 ? { status: "revert", output, gasUsed } : { status: "halt", reason, gasUsed };
}

export const readCall = (body: Uint8Array): CallResult => readResult(new RlpFields("call", decodeRlp(body)));

export function readEstimate(body: Uint8Array): CallResult & { readonly gas: bigint } {
  const fields = new RlpFields("estimate_gas", decodeRlp(body));
  return { ...readResult(fields), gas: fields.uint(64) };
}

export function readAccessList(body: Uint8Array): {
  readonly accessList: NonNullable<CallRequest["accessList"]>;
  readonly gasUsed: bigint;
  readonly error?: string;
} {
  const fields = new RlpFields("create_access_list", decodeRlp(body));
  const accessList = fields.list().map((item) => {
    const entry = new RlpFields("access list entry", item);
    return { address: entry.address(), storageKeys: entry.list().map((key) => toHex(bytesOf(key))) };
  });
  const gasUsed = fields.uint(64);
  const error = Buffer.from(fields.bytes()).toString();
  return error === "" ? { accessList, gasUsed } : { accessList, gasUsed, error };
}

export const readFee = (body: Uint8Array): bigint => new RlpFields("l1_fee", decodeRlp(body)).uint();

const nodesOf = (items: readonly RlpItem[]): Hex[] => items.map((item) => toHex(bytesOf(item)));

/** `keys`: the slots as the caller wrote them. */
export function readProof(body: Uint8Array, address: Address, keys: readonly Hex[], account: AccountView): ProofView {
  const fields = new RlpFields("proof", decodeRlp(body));
  const accountProof = nodesOf(fields.list());
  const storageProof = fields.list().map((item, i) => {
    const entry = new RlpFields("storage proof", item);
    return { key: keys[i]!, value: entry.uint(), proof: nodesOf(entry.list()) };
  });
  return { ...account, address, accountProof, storageProof };
}

/** Senders in order; `undefined` where the transaction or its signature is malformed. */
export const readSenders = (body: Uint8Array): (Address | undefined)[] =>
  listOf(decodeRlp(body)).map((item) => {
    const bytes = bytesOf(item);
    return bytes.length === 0 ? undefined : toHex(bytes);
  });
