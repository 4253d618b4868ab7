import { decodeRlp, RlpFields, type RlpItem } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { AccountView, CallRequest, CallResult, ProofView, SkipReason } from "../api.ts";
import { fromBigInt, toBigInt, toHex } from "../bytes.ts";
import type { AccountChange, StateDiff } from "../storage/diff.ts";

/** Responses of the kernel, field by field as docs/spec/kernel.md orders them. */

const bytesOf = (item: RlpItem): Uint8Array => {
  if (item instanceof Uint8Array) return item;
  throw new TypeError("the kernel answered a list where bytes belong");
};
const listOf = (item: RlpItem): readonly RlpItem[] => {
  if (item instanceof Uint8Array) throw new TypeError("the kernel answered bytes where a list belongs");
  return item;
};

/** An executed block as the kernel hands it over. Byte strings are views of one buffer. */
export interface SealedResponse {
  readonly headerRlp: Uint8Array;
  readonly hash: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly messagePasserStorageRoot: Uint8Array;
  readonly outputRoot: Uint8Array;
  readonly gasUsed: bigint;
  readonly transactions: readonly Uint8Array[];
  /** Their hashes, one after the other. */
  readonly transactionHashes: Uint8Array;
  /** Consensus receipts, EIP-2718 bytes. */
  readonly receipts: readonly RlpItem[];
  /** [sender, gasUsed, effectiveGasPrice, contractAddress, l1Fee, l1GasUsed, l1GasPrice] each. */
  readonly extras: readonly RlpItem[];
  readonly skipped: readonly { readonly index: number; readonly reason: SkipReason }[];
  readonly diff: StateDiff;
}

const fates = ["set", "removed", "replaced"] as const;

function readAccountChange(item: RlpItem): AccountChange {
  const [address, fate, nonce, balance, codeHash, storageRoot, slots] = listOf(item);
  const kind = fates[Number(toBigInt(bytesOf(fate!)))];
  if (kind === undefined) throw new TypeError("the kernel answered an unknown fate of an account");
  const account = [
    fromBigInt(toBigInt(bytesOf(nonce!)), 8),
    fromBigInt(toBigInt(bytesOf(balance!)), 32),
    bytesOf(codeHash!),
    bytesOf(storageRoot!),
  ];
  return {
    address: bytesOf(address!),
    fate: kind,
    account: kind === "removed" ? new Uint8Array() : Buffer.concat(account),
    slots: listOf(slots!).map((entry) => {
      const [slot, value] = listOf(entry);
      return { slot: bytesOf(slot!), value: bytesOf(value!) };
    }),
  };
}

function readDiff(item: RlpItem): StateDiff {
  const [accounts, codes, nodes] = listOf(item);
  return {
    accounts: listOf(accounts!).map(readAccountChange),
    codes: listOf(codes!).map((entry) => {
      const [hash, code] = listOf(entry);
      return { hash: bytesOf(hash!), code: bytesOf(code!) };
    }),
    nodes: listOf(nodes!).map((entry) => {
      const [owner, path, node] = listOf(entry);
      return { owner: bytesOf(owner!), path: bytesOf(path!), node: bytesOf(node!) };
    }),
  };
}

function readSkipped(item: RlpItem): SealedResponse["skipped"][number] {
  const fields = new RlpFields("skipped", item);
  return { index: fields.number(), reason: readReason(fields) };
}

function readReason(fields: RlpFields): SkipReason {
  const code = Buffer.from(fields.bytes()).toString() as SkipReason["code"];
  return { code, message: Buffer.from(fields.bytes()).toString() };
}

export function readSealed(body: Uint8Array): SealedResponse {
  const items = listOf(decodeRlp(body));
  return {
    headerRlp: bytesOf(items[0]!),
    hash: bytesOf(items[1]!),
    stateRoot: bytesOf(items[2]!),
    messagePasserStorageRoot: bytesOf(items[3]!),
    outputRoot: bytesOf(items[4]!),
    gasUsed: toBigInt(bytesOf(items[5]!)),
    transactions: listOf(items[6]!).map(bytesOf),
    transactionHashes: bytesOf(items[7]!),
    receipts: listOf(items[8]!),
    extras: listOf(items[9]!),
    skipped: listOf(items[10]!).map(readSkipped),
    diff: readDiff(items[11]!),
  };
}

/** Gas of the open block that counts against its limit, and the limit. */
export function readOpened(body: Uint8Array): { readonly gasUsed: bigint; readonly gasLimit: bigint } {
  const fields = new RlpFields("open_block", decodeRlp(body));
  return { gasUsed: fields.uint(64), gasLimit: fields.uint(64) };
}

export function readAdded(
  body: Uint8Array,
): { readonly included: true; readonly gasUsed: bigint } | { readonly included: false; readonly reason: SkipReason } {
  const fields = new RlpFields("add_transaction", decodeRlp(body));
  const included = fields.boolean();
  const gasUsed = fields.uint(64);
  return included ? { included, gasUsed } : { included, reason: readReason(fields) };
}

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
