import { DecodeError, encodeRlp, decodeRlp, RlpFields } from "@metis/protocol";
import type { Receipt, RlpInput } from "@metis/protocol";
import { bytesToHex } from "viem";
import type { Hex } from "viem";

/** Longest transaction that a member may ask a receipt for, bytes; the pool's own limit is `mempool.maxTransactionBytes`. */
const maxRawBytes = 1024 * 1024;
const maxCodeBytes = 64;
const signatureBytes = 65;

export interface UncheckedReceipt {
  readonly receipt: Receipt;
  readonly signature: Hex;
}

/** What members say to each other about receipts (docs/spec/pool.md, "Mesh", channel 5). */
export type ReceiptMessage =
  /** Asks the leader for a receipt; `id` comes back with the answer. */
  | { readonly kind: "ask"; readonly id: bigint; readonly raw: Hex }
  | ({ readonly kind: "receipt"; readonly id: bigint } & UncheckedReceipt)
  /** Why there is none: a code of `ReceiptError` or of `MempoolError`. */
  | { readonly kind: "refusal"; readonly id: bigint; readonly code: string }
  /** Receipts that the sender gave. */
  | { readonly kind: "given"; readonly receipts: readonly UncheckedReceipt[] };

/** Canonical RLP list that begins with the message's kind (docs/spec/pool.md, "Mesh", channel 5). */
export function encodeReceiptMessage(message: ReceiptMessage): Uint8Array {
  switch (message.kind) {
    case "ask":
      return encodeRlp([1, message.id, message.raw]);
    case "receipt":
      return encodeRlp([2, message.id, items(message)]);
    case "refusal":
      return encodeRlp([3, message.id, new TextEncoder().encode(message.code)]);
    case "given":
      return encodeRlp([4, message.receipts.map(items)]);
    default:
      return unknownKind(message);
  }
}

const items = ({ receipt, signature }: UncheckedReceipt): RlpInput => [
  receipt.generation,
  receipt.transactionHash,
  receipt.sequence,
  receipt.firstBlock,
  receipt.lastBlock,
  signature,
];

const unknownKind = (message: never): never => {
  throw new RangeError(`unknown message ${JSON.stringify(message)}`);
};

/** Throws `DecodeError` for anything that `encodeReceiptMessage` does not write. */
export function decodeReceiptMessage(bytes: Uint8Array): ReceiptMessage {
  const fields = new RlpFields("receipt message", decodeRlp(bytes));
  const message = decodeKind(fields.number(4), fields);
  fields.end();
  return message;
}

function decodeKind(kind: number, fields: RlpFields): ReceiptMessage {
  switch (kind) {
    case 1:
      return { kind: "ask", id: fields.uint(64), raw: bytesToHex(fields.bytes(maxRawBytes)) };
    case 2:
      return { kind: "receipt", id: fields.uint(64), ...decodeReceipt(fields.list()) };
    case 3:
      return { kind: "refusal", id: fields.uint(64), code: readCode(fields.bytes(maxCodeBytes)) };
    case 4:
      return { kind: "given", receipts: decodeList(new RlpFields("receipts", fields.list())) };
    default:
      throw new DecodeError("receipt message", `unknown kind ${kind}`);
  }
}

function decodeList(list: RlpFields): readonly UncheckedReceipt[] {
  const receipts: UncheckedReceipt[] = [];
  while (list.left > 0) receipts.push(decodeReceipt(list.list()));
  return receipts;
}

function decodeReceipt(list: ReturnType<RlpFields["list"]>): UncheckedReceipt {
  const fields = new RlpFields("receipt", list);
  const receipt = {
    generation: fields.number(),
    transactionHash: fields.fixed(32),
    sequence: fields.uint(64),
    firstBlock: fields.uint(64),
    lastBlock: fields.uint(64),
  };
  const signature = fields.fixed(signatureBytes);
  fields.end();
  return { receipt, signature };
}

function readCode(bytes: Uint8Array): string {
  const code = Buffer.from(bytes).toString("latin1");
  if (!/^[a-z][a-z-]*$/.test(code)) throw new DecodeError("receipt message", "a refusal without a code");
  return code;
}
