import type { BlockInputs, Hash } from "@metis/protocol";
import type { Hex } from "viem";
import type { ExecutedBlock } from "../api.ts";
import { split, toHex } from "../bytes.ts";
import { hashLength } from "../storage/keys.ts";
import { readExecuted, sealedTransactions } from "../wire/sealed.ts";
import { headerFacts } from "./sealed.ts";

/** A kernel's block as callers take it. What has an entry for each transaction stays bytes until somebody asks for it. */
class Executed implements ExecutedBlock {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly timestamp: bigint;
  readonly headerRlp: Hex;
  readonly stateRoot: Hash;
  readonly messagePasserStorageRoot: Hash;
  readonly outputRoot: Hash;
  readonly gasUsed: bigint;
  readonly baseFeePerGas: bigint;
  readonly skipped: ExecutedBlock["skipped"];
  readonly inputs: BlockInputs;
  /** RLP of the list of transactions, each a byte string. */
  readonly transactionsRlp: Uint8Array;
  /** One after the other. */
  readonly hashes: Uint8Array;
  #transactions: readonly Hex[] | undefined;
  #transactionHashes: readonly Hash[] | undefined;

  constructor(part: Uint8Array, inputs: BlockInputs) {
    const response = readExecuted(part);
    const facts = headerFacts(response.headerRlp);
    this.number = BigInt(facts.number);
    this.hash = toHex(response.hash);
    this.parentHash = toHex(facts.parentHash);
    this.timestamp = facts.timestamp;
    this.headerRlp = toHex(response.headerRlp);
    this.stateRoot = toHex(response.stateRoot);
    this.messagePasserStorageRoot = toHex(response.messagePasserStorageRoot);
    this.outputRoot = toHex(response.outputRoot);
    this.gasUsed = response.gasUsed;
    this.baseFeePerGas = facts.baseFeePerGas;
    this.skipped = response.skipped;
    this.inputs = inputs;
    this.transactionsRlp = response.transactionsRlp;
    this.hashes = response.transactionHashes;
  }

  get transactions(): readonly Hex[] {
    return (this.#transactions ??= sealedTransactions(this).map(toHex));
  }

  get transactionHashes(): readonly Hash[] {
    return (this.#transactionHashes ??= split(this.hashes, hashLength));
  }
}

/** The block of a writer's answer (`executedPart`). `inputs.flags` is what was sealed with; `inputs.transactions` what was posted. */
export const executedFrom = (part: Uint8Array, inputs: BlockInputs): ExecutedBlock => new Executed(part, inputs);
