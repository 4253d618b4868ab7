import { decodeRlp, encodeRlp, type BlockInputs, type RlpItem } from "@metis/protocol";
import type { ExecutedBlock } from "../api.ts";
import { split, toBigInt, toHex } from "../bytes.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import { hashLength } from "../storage/keys.ts";
import type { SealedBlock } from "../storage/chain.ts";
import type { SealedResponse } from "../wire/responses.ts";

/** Places of the fields used here in a header's RLP list. */
const headerField = { parentHash: 0, number: 8, gasLimit: 9, timestamp: 11, baseFee: 15 } as const;

/** The few header fields that storage and callers need without decoding a whole header. */
export interface HeaderFacts {
  readonly parentHash: Uint8Array;
  readonly number: number;
  readonly gasLimit: bigint;
  readonly timestamp: bigint;
  /** Zero before London. */
  readonly baseFeePerGas: bigint;
}

export function headerFacts(headerRlp: Uint8Array): HeaderFacts {
  const fields = decodeRlp(headerRlp) as readonly Uint8Array[];
  return {
    parentHash: fields[headerField.parentHash]!,
    number: Number(toBigInt(fields[headerField.number]!)),
    gasLimit: toBigInt(fields[headerField.gasLimit]!),
    timestamp: toBigInt(fields[headerField.timestamp]!),
    baseFeePerGas: toBigInt(fields[headerField.baseFee] ?? new Uint8Array()),
  };
}

const headLength = (length: number): number => (length <= 55 ? 1 : 1 + Math.ceil(length.toString(16).length / 2));
const withHead = (length: number): number => headLength(length) + length;
/** A legacy transaction stands in a block as a list, a typed one as a byte string. */
const inBlock = (transaction: Uint8Array): number =>
  transaction[0]! >= 0xc0 ? transaction.length : withHead(transaction.length);

/** Bytes of rlp([header, transactions, ommers = [], withdrawals = []]). */
const blockSize = (header: Uint8Array, transactions: readonly Uint8Array[]): number =>
  withHead(header.length + withHead(transactions.reduce((sum, bytes) => sum + inBlock(bytes), 0)) + 2);

/** What an imported block brings beside its execution. */
export interface ImportedParts {
  readonly size: number;
  readonly withdrawals: StoredBlock["withdrawals"];
}

const encodeReceipts = (receipts: readonly RlpItem[], extras: readonly RlpItem[]): Uint8Array =>
  encodeRlp([receipts, extras]);

const senderOf = (extra: RlpItem): Uint8Array => (extra as readonly Uint8Array[])[0]!;

/** The block 0 or an imported block as storage takes it. */
export function storedFrom(
  response: SealedResponse,
  inputs: BlockInputs | undefined,
  imported?: ImportedParts,
): SealedBlock {
  const facts = headerFacts(response.headerRlp);
  return {
    parentHash: toHex(facts.parentHash),
    receipts: encodeReceipts(response.receipts, response.extras),
    diff: response.diff,
    block: {
      number: facts.number,
      hash: toHex(response.hash),
      outputRoot: toHex(response.outputRoot),
      headerRlp: toHex(response.headerRlp),
      transactions: response.transactions.map(toHex),
      transactionHashes: split(response.transactionHashes, hashLength),
      senders: response.extras.map((extra) => toHex(senderOf(extra))),
      inputs,
      size: imported?.size ?? blockSize(response.headerRlp, response.transactions),
      withdrawals: imported?.withdrawals,
    },
  };
}

/** A kernel's block as callers take it. `inputs.flags` is what was sealed with; `inputs.transactions` what was posted. */
export function executedFrom(response: SealedResponse, inputs: BlockInputs): ExecutedBlock {
  const facts = headerFacts(response.headerRlp);
  return {
    number: BigInt(facts.number),
    hash: toHex(response.hash),
    parentHash: toHex(facts.parentHash),
    timestamp: facts.timestamp,
    headerRlp: toHex(response.headerRlp),
    stateRoot: toHex(response.stateRoot),
    messagePasserStorageRoot: toHex(response.messagePasserStorageRoot),
    outputRoot: toHex(response.outputRoot),
    gasUsed: response.gasUsed,
    baseFeePerGas: facts.baseFeePerGas,
    transactions: response.transactions.map(toHex),
    transactionHashes: split(response.transactionHashes, hashLength),
    skipped: response.skipped,
    inputs,
  };
}
