import { decodeRlp, type BlockInputs } from "@metis/protocol";
import type { ExecutedBlock } from "../api.ts";
import { split, toBigInt, toHex } from "../bytes.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import { joinBody } from "../storage/body.ts";
import { hashLength } from "../storage/keys.ts";
import type { SealedBlock } from "../storage/chain.ts";
import { rawList, transactionsLength, withHead } from "../wire/raw.ts";
import { sealedTransactions, type SealedResponse } from "../wire/sealed.ts";

/** Places of the fields used here in a header's RLP list. */
const headerField = { parentHash: 0, number: 8, gasLimit: 9, timestamp: 11, baseFee: 15 } as const;

/** The few header fields that storage and callers need without decoding a whole header. */
interface HeaderFacts {
  readonly parentHash: Uint8Array;
  readonly number: number;
  readonly gasLimit: bigint;
  readonly timestamp: bigint;
  /** Zero before London. */
  readonly baseFeePerGas: bigint;
}

function headerFacts(headerRlp: Uint8Array): HeaderFacts {
  const fields = decodeRlp(headerRlp) as readonly Uint8Array[];
  return {
    parentHash: fields[headerField.parentHash]!,
    number: Number(toBigInt(fields[headerField.number]!)),
    gasLimit: toBigInt(fields[headerField.gasLimit]!),
    timestamp: toBigInt(fields[headerField.timestamp]!),
    baseFeePerGas: toBigInt(fields[headerField.baseFee] ?? new Uint8Array()),
  };
}

/** Bytes of rlp([header, transactions, ommers = [], withdrawals = []]). */
const blockSize = ({ headerRlp, transactionsRlp }: SealedResponse): number =>
  withHead(headerRlp.length + transactionsLength(transactionsRlp) + 2);

/** What an imported block brings beside its execution. */
export interface ImportedParts {
  readonly size: number;
  readonly withdrawals: StoredBlock["withdrawals"];
}

/** A block as storage takes it; `inputs` (`encodeInputs`) of an L2 block, `imported` of one that came whole. */
export function storedFrom(response: SealedResponse, inputs?: Uint8Array, imported?: ImportedParts): SealedBlock {
  const { headerRlp, hash, outputRoot, transactionsRlp, transactionHashes, senders, changes } = response;
  const facts = headerFacts(headerRlp);
  const size = imported?.size ?? blockSize(response);
  const withdrawals = imported?.withdrawals;
  return {
    parentHash: toHex(facts.parentHash),
    changes,
    block: {
      number: facts.number,
      hash,
      outputRoot,
      headerRlp,
      transactionHashes,
      body: joinBody({ transactionsRlp, transactionHashes, senders, inputs, size, withdrawals }),
      receipts: rawList([response.receiptsRlp, response.extrasRlp]),
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
    transactions: sealedTransactions(response).map(toHex),
    transactionHashes: split(response.transactionHashes, hashLength),
    skipped: response.skipped,
    inputs,
  };
}
