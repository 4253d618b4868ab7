import type { Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { BlockContext, ExecutedBlock } from "../api.ts";
import { equalBytes, fromHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { encodeInputs } from "../storage/body.ts";
import type { Head } from "../storage/database.ts";
import {
  addRequest,
  executeBlockRequest,
  importBlockRequest,
  openBlockRequest,
  sealRequest,
} from "../wire/requests.ts";
import { readAdded, readOpened, type Added } from "../wire/responses.ts";
import { readSealed, type SealedResponse } from "../wire/sealed.ts";
import { Later } from "./channel.ts";
import type { CommitQueue } from "./commitQueue.ts";
import type { CommitJob } from "./committer.ts";
import { decodeImported } from "./imported.ts";
import type { KernelSlot } from "./kernelSlot.ts";
import { executedFrom } from "./sealed.ts";

/** Executed blocks that wait for `commit` on one head; the oldest goes first. */
const maxPending = 16;

/** Answer to `open` and `add`: gas left for user transactions. */
export interface BuilderState {
  readonly gasLeft: bigint;
}

/** A signed transaction for the open block. */
export interface Offer {
  readonly transaction: Hex;
  /** What the caller recovered itself. */
  readonly sender: Address | undefined;
}

/** What became of each offer, in order, and what is left after the last. */
export interface AddResults extends BuilderState {
  readonly results: readonly Added[];
}

interface OpenBlock {
  readonly id: number;
  readonly context: BlockContext;
  readonly generation: number;
  readonly transactions: Hex[];
  gasLeft: bigint;
}

/** An executed block that waits for `commit`. */
interface Pending {
  readonly number: number;
  readonly response: SealedResponse;
  readonly job: CommitJob;
}

/** What a group of imported blocks came to. */
export interface Imported {
  readonly head: Head;
  readonly gasUsed: bigint;
}

/** The one place that executes blocks. It lives in a worker of its own; another one writes to the database. */
export class Writer {
  readonly #queue: CommitQueue;
  readonly #slot: KernelSlot;
  readonly #pending = new Map<Hash, Pending>();
  #open: OpenBlock | undefined;
  #builders = 0;

  constructor(queue: CommitQueue, slot: KernelSlot) {
    this.#queue = queue;
    this.#slot = slot;
  }

  head(): Head {
    return this.#queue.head;
  }

  execute(context: BlockContext): ExecutedBlock {
    this.#refuseOpenBuilder();
    const answer = this.#request("execute_block", executeBlockRequest(this.#parentHeader(), context));
    return this.#keep(answer, readSealed(answer), context);
  }

  open(context: BlockContext): BuilderState & { readonly id: number } {
    this.#refuseOpenBuilder();
    const opened = readOpened(this.#request("open_block", openBlockRequest(this.#parentHeader(), context)));
    const gasLeft = opened.gasLimit - opened.gasUsed;
    const id = ++this.#builders;
    this.#open = { id, context, generation: this.#slot.generation, transactions: [], gasLeft };
    return { id, gasLeft };
  }

  add(id: number, offers: readonly Offer[]): AddResults {
    const builder = this.#builder(id);
    const results = readAdded(this.#request("add_transactions", addRequest(offers)));
    for (const [i, result] of results.entries()) {
      if (!result.included) continue;
      builder.transactions.push(offers[i]!.transaction);
      builder.gasLeft -= result.gasUsed;
    }
    return { results, gasLeft: builder.gasLeft };
  }

  seal(id: number, flags?: number): ExecutedBlock {
    const { context, transactions } = this.#builder(id);
    const answer = this.#request("seal_block", sealRequest(flags));
    this.#open = undefined;
    const inputs = { ...context.inputs, flags: flags ?? context.inputs.flags, transactions };
    // What the builder refused was never posted.
    return this.#keep(answer, { ...readSealed(answer), skipped: [] }, { ...context, inputs });
  }

  /** Nothing happens when the builder is closed already. */
  discard(id: number): void {
    if (this.#open?.id !== id) return;
    this.#open = undefined;
    this.#request("discard_block", new Uint8Array());
  }

  /** Makes a pending block the head; the answer comes when it is on disk, the next block may be executed before. */
  async commit(hash: Hash): Promise<Later> {
    const pending = this.#pending.get(hash);
    if (pending === undefined) throw new MvmError("not-pending", `No executed block ${hash} waits on this head.`);
    this.#refuseOpenBuilder();
    await this.#queue.room();
    const { number, response, job } = pending;
    const written = this.#queue.write(number, response, job);
    this.#headMoved();
    return new Later(written);
  }

  async rewind(number: number): Promise<Head> {
    this.#refuseOpenBuilder();
    await this.#queue.rewind(number);
    this.#headMoved();
    return this.head();
  }

  /**
   * Executes full Ethereum blocks (RLP) on the head; blocks already on the chain are skipped. The answer comes when all are
   * on disk. What stands before a bad block is kept. Throws the kernel's refusal, or `MvmError` "import-invalid".
   */
  async importBlocks(blocks: readonly Uint8Array[]): Promise<Later> {
    this.#refuseOpenBuilder();
    await this.#queue.prepare(blocks.length);
    await this.#queue.room();
    let gasUsed = 0n;
    let failure: unknown;
    let written = Promise.resolve(this.head());
    for (const block of blocks) {
      try {
        const result = this.#importBlock(block);
        gasUsed += result.gasUsed;
        written = result.written ?? written;
      } catch (error) {
        failure = error;
        break;
      }
    }
    this.#headMoved();
    const done = async (): Promise<Imported> => {
      const head = await written;
      if (failure !== undefined) throw failure;
      return { head, gasUsed };
    };
    return new Later(done());
  }

  #importBlock(bytes: Uint8Array): { readonly gasUsed: bigint; readonly written?: Promise<Head> } {
    const { number, hash, parts } = decodeImported(bytes);
    const head = this.head();
    if (number <= head.number) {
      const known = this.#queue.hash(number);
      if (known !== undefined && equalBytes(known, hash)) return { gasUsed: 0n };
      throw new MvmError("import-invalid", `Block ${number} of the file differs from the one in the database.`);
    }
    if (number !== head.number + 1)
      throw new MvmError("import-invalid", `Block ${number} of the file does not follow the head ${head.number}.`);
    const answer = this.#request("import_block", importBlockRequest(this.#parentHeader(), bytes));
    const response = readSealed(answer);
    if (!equalBytes(response.hash, hash))
      throw new MvmError("import-invalid", `Block ${number} executes to another hash than the file has.`);
    const written = this.#queue.write(number, response, { answer, imported: parts });
    written.catch(() => {});
    return { gasUsed: response.gasUsed, written };
  }

  #request(name: string, request: Uint8Array): Uint8Array {
    return this.#slot.request(this.#queue.state, name, request);
  }

  #parentHeader(): Uint8Array {
    this.#queue.check();
    return this.#queue.headHeader();
  }

  #keep(answer: Uint8Array, response: SealedResponse, { inputs, anchorHeader }: BlockContext): ExecutedBlock {
    const oldest = this.#pending.size < maxPending ? undefined : this.#pending.keys().next().value;
    if (oldest !== undefined) this.#pending.delete(oldest);
    const executed = executedFrom(response, inputs);
    const skipped = response.skipped.map(({ index }) => index);
    const job = { answer, inputs: encodeInputs(inputs, skipped), anchorHeader: fromHex(anchorHeader) };
    this.#pending.set(executed.hash, { number: Number(executed.number), response, job });
    return executed;
  }

  #headMoved(): void {
    this.#pending.clear();
    this.#slot.trim();
  }

  #builder(id: number): OpenBlock {
    const builder = this.#open;
    if (builder === undefined || builder.id !== id)
      throw new MvmError("builder-closed", "The builder was sealed or discarded already.");
    if (builder.generation !== this.#slot.generation) {
      this.#open = undefined;
      throw new MvmError("builder-closed", "The block being built was lost when the kernel broke down; open it again.");
    }
    return builder;
  }

  #refuseOpenBuilder(): void {
    if (this.#open !== undefined && this.#open.generation === this.#slot.generation)
      throw new MvmError("builder-busy", "A block is being built: seal or discard it first.");
    this.#open = undefined;
  }
}
