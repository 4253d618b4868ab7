import { decodeRlp, RlpFields, type RlpItem } from "@metis/protocol";
import type { SkipReason } from "../api.ts";
import { toBigInt } from "../bytes.ts";
import type { Room } from "../kernel/index.ts";
import { rawBytes, rawItems, rawList, rawSpan } from "./raw.ts";

/** An executed block as the kernel hands it over (docs/spec/kernel.md, "Sealed block"). Byte strings are views of one buffer. */
export interface SealedResponse {
  readonly headerRlp: Uint8Array;
  readonly hash: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly messagePasserStorageRoot: Uint8Array;
  readonly outputRoot: Uint8Array;
  readonly gasUsed: bigint;
  /** RLP of the list of transactions, each a byte string. */
  readonly transactionsRlp: Uint8Array;
  /** Hashes of the transactions and their senders, one after the other. */
  readonly transactionHashes: Uint8Array;
  readonly senders: Uint8Array;
  /** RLP of the list of consensus receipts (EIP-2718 bytes). */
  readonly receiptsRlp: Uint8Array;
  /** RLP of a list of [sender, gasUsed, effectiveGasPrice, contractAddress, l1Fee, l1GasUsed, l1GasPrice]. */
  readonly extrasRlp: Uint8Array;
  readonly skipped: readonly { readonly index: number; readonly reason: SkipReason }[];
  /** As `ChangeCursor` reads them. */
  readonly changes: Uint8Array;
}

export function readReason(fields: RlpFields): SkipReason {
  const code = Buffer.from(fields.bytes()).toString() as SkipReason["code"];
  return { code, message: Buffer.from(fields.bytes()).toString() };
}

function readSkipped(item: RlpItem): SealedResponse["skipped"][number] {
  const fields = new RlpFields("skipped", item);
  return { index: fields.number(), reason: readReason(fields) };
}

/** Place of the senders, which callers are not told, and of the skipped transactions, which they are. */
const sendersItem = 8;
const skippedItem = 11;

/** Reads the answer of `seal_block` and its like; what has thousands of items stays as it is. */
export function readSealed(body: Uint8Array): SealedResponse {
  const items = rawItems(body);
  return {
    ...readHead(items, skippedItem),
    senders: rawBytes(items[sendersItem]!),
    receiptsRlp: items[9]!,
    extrasRlp: items[10]!,
    changes: rawBytes(items[12]!),
  };
}

function readHead(items: readonly Uint8Array[], skipped: number): ExecutedResponse {
  const bytes = (index: number): Uint8Array => rawBytes(items[index]!);
  return {
    headerRlp: bytes(0),
    hash: bytes(1),
    stateRoot: bytes(2),
    messagePasserStorageRoot: bytes(3),
    outputRoot: bytes(4),
    gasUsed: toBigInt(bytes(5)),
    transactionsRlp: items[6]!,
    transactionHashes: bytes(7),
    skipped: (decodeRlp(items[skipped]!) as readonly RlpItem[]).map(readSkipped),
  };
}

/** What callers are told of an executed block. Byte strings are views of one buffer. */
export type ExecutedResponse = Omit<SealedResponse, "senders" | "receiptsRlp" | "extrasRlp" | "changes">;

const emptyList = Uint8Array.of(0xc0);

/** The part of a sealed block that callers are told: a copy, as `readExecuted` reads it. `withSkipped`: false for no skipped ones. */
export function executedPart(body: Uint8Array, withSkipped: boolean): Uint8Array {
  const items = rawItems(body);
  return rawList([rawSpan(items, 0, sendersItem), withSkipped ? items[skippedItem]! : emptyList]);
}

/** Inverse of `executedPart`. */
export const readExecuted = (part: Uint8Array): ExecutedResponse => readHead(rawItems(part), sendersItem);

/** Signed transactions of a block, EIP-2718 bytes; views. */
export const sealedTransactions = ({ transactionsRlp }: Pick<SealedResponse, "transactionsRlp">): Uint8Array[] =>
  rawItems(transactionsRlp).map(rawBytes);

/** Consensus receipts of a block, EIP-2718 bytes; views. */
export const sealedReceipts = ({ receiptsRlp }: SealedResponse): Uint8Array[] => rawItems(receiptsRlp).map(rawBytes);

/** A block without roots, as the kernel hands it over (docs/spec/kernel.md, "Executed block"), as far as the next one needs it. */
export interface RootlessResponse {
  /** RLP; stands for the header while the next block is executed. */
  readonly draftRlp: Uint8Array;
  /** Whether the parent's hash is still missing in EIP-2935's ring. */
  readonly isLate: boolean;
  /** As `ChangeCursor` reads them, without trie nodes. */
  readonly changes: Uint8Array;
}

/** Items of an executed block that a sealed one has, too. */
const sharedItems = { from: 2, to: 9 } as const;
/** Place of the changes in what `seal_executed` answers; the items before are those of a sealed block. */
const rootsChangesItem = 5;

export function readRootless(body: Uint8Array): RootlessResponse {
  const items = rawItems(body);
  return {
    draftRlp: rawBytes(items[0]!),
    isLate: toBigInt(rawBytes(items[1]!)) === 1n,
    changes: rawBytes(items[sharedItems.to]!),
  };
}

/** The sealed block of an executed one and its `roots`, the answer of `seal_executed`. */
export function joinSealed(executed: Uint8Array, roots: Uint8Array, room: Room): Uint8Array {
  const shared = rawSpan(rawItems(executed), sharedItems.from, sharedItems.to);
  const items = rawItems(roots);
  return rawList([rawSpan(items, 0, rootsChangesItem), shared, items[rootsChangesItem]!], room);
}
