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
import { split, toHex } from "../bytes.ts";
import type { StoredBlock } from "./blocks.ts";
import { addressLength, hashLength } from "./keys.ts";

type Body = Pick<StoredBlock, "transactions" | "transactionHashes" | "senders" | "inputs" | "size" | "withdrawals">;

/** First byte of a deposit or system transaction (docs/spec/structs.md, "Deposit"). */
const depositType = "0x7e";

const isPosted = (transaction: Hex): boolean => !transaction.startsWith(depositType);

/**
 * The leaf without what the block already holds: of its transactions only the skipped ones, each with its position.
 * Posted transactions that were executed are the block's own, in the same order.
 */
function encodeInputs(inputs: BlockInputs, included: readonly Hex[]): RlpInput {
  const skipped: RlpInput[] = [];
  let next = 0;
  for (const [index, transaction] of inputs.transactions.entries()) {
    if (transaction === included[next]) next++;
    else skipped.push([index, transaction]);
  }
  return [...inputsHeadFields(inputs), skipped];
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

const join = (parts: readonly Hex[]): Hex => `0x${parts.map((part) => part.slice(2)).join("")}`;

/** A list that may be missing: `[]` or `[list]`. */
const optional = (list: RlpInput | undefined): RlpInput => (list === undefined ? [] : [list]);

const readOptional = (items: readonly RlpItem[]): readonly RlpItem[] | undefined =>
  items.length === 0 ? undefined : (items[0] as readonly RlpItem[]);

/** Everything of a block beside its header, as one value. */
export function encodeBody(body: Body): Uint8Array {
  const posted = body.transactions.filter(isPosted);
  return encodeRlp([
    body.transactions,
    join(body.transactionHashes),
    join(body.senders),
    optional(body.inputs && encodeInputs(body.inputs, posted)),
    body.size,
    optional(body.withdrawals && encodeWithdrawals(body.withdrawals)),
  ]);
}

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
  };
}
