import {
  decodeRlp,
  encodeRlp,
  inputsHeadFields,
  readInputsHead,
  RlpFields,
  type BlockInputs,
  type RlpInput,
  type RlpItem,
} from "@metis/protocol";
import type { Hex } from "viem";
import { fromHex, split, toHex } from "../bytes.ts";
import { rawBytes, rawItems, rawList } from "../wire/raw.ts";
import type { StoredBlock } from "./blocks.ts";
import { addressLength, hashLength } from "./keys.ts";

type Body = Pick<
  StoredBlock,
  "transactions" | "transactionHashes" | "senders" | "inputs" | "size" | "withdrawals" | "ommers"
>;

/** First byte of a deposit or system transaction (docs/spec/structs.md, "Deposit"). */
const depositType = "0x7e";

const isPosted = (transaction: Hex): boolean => !transaction.startsWith(depositType);

/**
 * RLP of the leaf without what the block already holds: of its transactions only the skipped ones, each with its position.
 * Posted transactions that were executed are the block's own, in the same order. `skipped`: positions, ascending.
 */
export const encodeInputs = (inputs: BlockInputs, skipped: readonly number[]): Uint8Array =>
  encodeRlp([...inputsHeadFields(inputs), skipped.map((index) => [index, inputs.transactions[index]!])]);

/** As `encodeInputs`, of `inputsHeadFields` in RLP and the skipped transactions: position and RLP of the EIP-2718 bytes. */
export const joinInputs = (head: Uint8Array, skipped: readonly (readonly [number, Uint8Array])[]): Uint8Array =>
  rawList([rawBytes(head), rawList(skipped.map(([index, transaction]) => rawList([encodeRlp(index), transaction])))]);

/** Positions of the posted transactions that are not `included`. */
function skippedOf(inputs: BlockInputs, included: readonly Hex[]): number[] {
  let next = 0;
  return [...inputs.transactions.keys()].filter((index) => inputs.transactions[index] !== included[next] || !++next);
}

function decodeInputs(items: readonly RlpItem[], included: readonly Hex[]): BlockInputs {
  const fields = new RlpFields("stored inputs", items);
  const leaf = readInputsHead(fields);
  const transactions = [...included];
  for (const item of fields.list()) {
    const skipped = new RlpFields("skipped transaction", item);
    transactions.splice(skipped.number(), 0, skipped.hex());
  }
  return { ...leaf, transactions };
}

const encodeWithdrawals = (withdrawals: NonNullable<Body["withdrawals"]>): RlpInput =>
  withdrawals.map((entry) => [entry.index, entry.validatorIndex, entry.address, entry.amount]);

/** A withdrawal of EIP-4895 as blocks hold it. */
export function readWithdrawal(item: RlpItem): NonNullable<Body["withdrawals"]>[number] {
  const fields = new RlpFields("withdrawal", item);
  return {
    index: fields.uint(64),
    validatorIndex: fields.uint(64),
    address: fields.address(),
    amount: fields.uint(64),
  };
}

const join = (parts: readonly Hex[]): Uint8Array => Buffer.concat(parts.map(fromHex));

const readOptional = (items: readonly RlpItem[]): readonly RlpItem[] | undefined =>
  items.length === 0 ? undefined : (items[0] as readonly RlpItem[]);

/** What a body is put together from. */
export interface BodyParts {
  /** RLP of the list of transactions. */
  readonly transactionsRlp: Uint8Array;
  /** One after the other. */
  readonly transactionHashes: Uint8Array;
  readonly senders: Uint8Array;
  /** `encodeInputs`. */
  readonly inputs: Uint8Array | undefined;
  readonly size: number;
  readonly withdrawals: Body["withdrawals"];
  /** RLP of their headers. */
  readonly ommers?: readonly Uint8Array[];
}

/**
 * Everything of a block beside its header, as one value. A list that may be missing is `[]` or `[list]`; ommers, which hardly
 * any block has, stand at the end or not at all.
 */
export const joinBody = (parts: BodyParts): Uint8Array =>
  rawList([
    parts.transactionsRlp,
    encodeRlp(parts.transactionHashes),
    encodeRlp(parts.senders),
    rawList(parts.inputs === undefined ? [] : [parts.inputs]),
    encodeRlp(parts.size),
    encodeRlp(parts.withdrawals === undefined ? [] : [encodeWithdrawals(parts.withdrawals)]),
    ...(parts.ommers === undefined || parts.ommers.length === 0 ? [] : [rawList(parts.ommers)]),
  ]);

/** As `joinBody`, of a decoded body. */
export function encodeBody(body: Body): Uint8Array {
  const { inputs, size, withdrawals, ommers } = body;
  const posted = body.transactions.filter(isPosted);
  return joinBody({
    transactionsRlp: encodeRlp(body.transactions),
    transactionHashes: join(body.transactionHashes),
    senders: join(body.senders),
    inputs: inputs && encodeInputs(inputs, skippedOf(inputs, posted)),
    size,
    withdrawals,
    ommers: ommers.map(fromHex),
  });
}

/** Hashes of a body's transactions, one after the other, as a view: nothing else is decoded. */
export const hashesOfBody = (bytes: Uint8Array): Uint8Array => rawBytes(rawItems(bytes)[1]!);

/** Inverse of `encodeBody`. Throws `DecodeError` on a damaged row. */
export function decodeBody(bytes: Uint8Array): Body {
  const fields = new RlpFields("stored body", decodeRlp(bytes));
  const transactions = fields.list().map((item) => toHex(item as Uint8Array));
  const transactionHashes = split(fields.bytes(), hashLength);
  const senders = split(fields.bytes(), addressLength);
  const inputs = readOptional(fields.list());
  return {
    transactions,
    transactionHashes,
    senders,
    inputs: inputs && decodeInputs(inputs, transactions.filter(isPosted)),
    size: fields.number(),
    withdrawals: readOptional(fields.list())?.map(readWithdrawal),
    ommers: fields.left === 0 ? [] : fields.list().map((ommer) => toHex(encodeRlp(ommer))),
  };
}
