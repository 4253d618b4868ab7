import { decodeRlp } from "@metis/protocol";
import { toBigInt, toHex } from "../bytes.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import { joinBody } from "../storage/body.ts";
import type { SealedBlock } from "../storage/chain.ts";
import { rawList, transactionsLength, withHead } from "../wire/raw.ts";
import type { SealedResponse } from "../wire/sealed.ts";
import { holdsWithdrawals } from "../wire/wholeBlock.ts";

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
  readonly holdsWithdrawals: boolean;
}

export function headerFacts(headerRlp: Uint8Array): HeaderFacts {
  const fields = decodeRlp(headerRlp) as readonly Uint8Array[];
  return {
    parentHash: fields[headerField.parentHash]!,
    number: Number(toBigInt(fields[headerField.number]!)),
    gasLimit: toBigInt(fields[headerField.gasLimit]!),
    timestamp: toBigInt(fields[headerField.timestamp]!),
    baseFeePerGas: toBigInt(fields[headerField.baseFee] ?? new Uint8Array()),
    holdsWithdrawals: holdsWithdrawals(fields),
  };
}

/** Bytes of the block that was made here: no ommers, no withdrawals. */
const blockSize = ({ headerRlp, transactionsRlp }: SealedResponse, emptyLists: number): number =>
  withHead(headerRlp.length + transactionsLength(transactionsRlp) + emptyLists);

/** What an imported block brings beside its execution. */
export interface ImportedParts {
  readonly size: number;
  readonly withdrawals: StoredBlock["withdrawals"];
  readonly ommers: readonly Uint8Array[];
}

/** A block as storage takes it; `inputs` (`encodeInputs`) of an L2 block, `imported` of one that came whole. */
export function storedFrom(response: SealedResponse, inputs?: Uint8Array, imported?: ImportedParts): SealedBlock {
  const { headerRlp, hash, outputRoot, transactionsRlp, transactionHashes, senders, changes } = response;
  const facts = headerFacts(headerRlp);
  const size = imported?.size ?? blockSize(response, facts.holdsWithdrawals ? 2 : 1);
  const { withdrawals, ommers = [] } = imported ?? {};
  return {
    parentHash: toHex(facts.parentHash),
    changes,
    block: {
      number: facts.number,
      hash,
      outputRoot,
      headerRlp,
      transactionHashes,
      body: joinBody({ transactionsRlp, transactionHashes, senders, inputs, size, withdrawals, ommers }),
      receipts: rawList([response.receiptsRlp, response.extrasRlp]),
    },
  };
}
