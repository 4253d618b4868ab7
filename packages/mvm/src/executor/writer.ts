import type { Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { BlockContext, ExecutedBlock, SkipReason } from "../api.ts";
import { equalBytes, fromHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { Chain } from "../storage/chain.ts";
import type { Head } from "../storage/database.ts";
import { executeBlockRequest, importBlockRequest, openBlockRequest, sealRequest } from "../wire/requests.ts";
import { readAdded, readOpened, readSealed } from "../wire/responses.ts";
import { decodeImported } from "./imported.ts";
import type { KnownSender } from "./host.ts";
import type { KernelSlot } from "./kernelSlot.ts";
import { sealedFrom, storedFrom, type Sealed } from "./sealed.ts";

/** Executed blocks that wait for `commit` on one head; the oldest goes first. */
const maxPending = 16;

/** Answer to `open` and `add`: gas left for user transactions. */
export interface BuilderState {
  readonly gasLeft: bigint;
}

export type AddResult = BuilderState &
  ({ readonly included: true; readonly gasUsed: bigint } | { readonly included: false; readonly reason: SkipReason });

interface OpenBlock {
  readonly id: number;
  readonly context: BlockContext;
  readonly generation: number;
  readonly transactions: Hex[];
  gasLeft: bigint;
}

/** The one place that executes blocks and changes the database. Synchronous: it lives in a worker of its own. */
export class Writer {
  readonly #chain: Chain;
  readonly #slot: KernelSlot;
  readonly #pending = new Map<Hash, Sealed>();
  #open: OpenBlock | undefined;
  #builders = 0;

  constructor(chain: Chain, slot: KernelSlot) {
    this.#chain = chain;
    this.#slot = slot;
  }

  head(): Head {
    return this.#chain.head;
  }

  execute(context: BlockContext): ExecutedBlock {
    this.#refuseOpenBuilder();
    const response = readSealed(this.#request("execute_block", executeBlockRequest(this.#parentHeader(), context)));
    return this.#keep(sealedFrom(response, context.inputs, context.anchorHeader));
  }

  open(context: BlockContext): BuilderState & { readonly id: number } {
    this.#refuseOpenBuilder();
    const opened = readOpened(this.#request("open_block", openBlockRequest(this.#parentHeader(), context)));
    const gasLeft = opened.gasLimit - opened.gasUsed;
    const id = ++this.#builders;
    this.#open = { id, context, generation: this.#slot.generation, transactions: [], gasLeft };
    return { id, gasLeft };
  }

  add(id: number, transaction: Hex, sender?: Address): AddResult {
    const builder = this.#builder(id);
    const bytes = fromHex(transaction);
    const known = sender && { transaction: bytes, sender: fromHex(sender) };
    const result = readAdded(this.#request("add_transaction", bytes, known));
    if (result.included) {
      builder.transactions.push(transaction);
      builder.gasLeft -= result.gasUsed;
    }
    return { ...result, gasLeft: builder.gasLeft };
  }

  seal(id: number, flags?: number): ExecutedBlock {
    const { context, transactions } = this.#builder(id);
    const response = readSealed(this.#request("seal_block", sealRequest(flags)));
    this.#open = undefined;
    const inputs = { ...context.inputs, flags: flags ?? context.inputs.flags, transactions };
    // What the builder refused was never posted.
    return this.#keep(sealedFrom({ ...response, skipped: [] }, inputs, context.anchorHeader));
  }

  /** Nothing happens when the builder is closed already. */
  discard(id: number): void {
    if (this.#open?.id !== id) return;
    this.#open = undefined;
    this.#request("discard_block", new Uint8Array());
  }

  commit(hash: Hash): Head {
    const sealed = this.#pending.get(hash);
    if (sealed === undefined) throw new MvmError("not-pending", `No executed block ${hash} waits on this head.`);
    this.#refuseOpenBuilder();
    this.#chain.commit(sealed.block);
    this.#headMoved();
    return this.head();
  }

  rewind(number: number): Head {
    this.#refuseOpenBuilder();
    this.#chain.rewind(number);
    this.#headMoved();
    return this.head();
  }

  /**
   * Executes full Ethereum blocks (RLP) on the head, in one transaction for all; blocks already on the chain are skipped.
   * What stands before a bad block is kept. Throws the kernel's refusal, or `MvmError` "import-invalid".
   */
  importBlocks(blocks: readonly Uint8Array[]): { readonly head: Head; readonly gasUsed: bigint } {
    this.#refuseOpenBuilder();
    let gasUsed = 0n;
    let failure: unknown;
    this.#chain.database.transact(() => {
      for (const block of blocks) {
        try {
          gasUsed += this.#importBlock(block);
        } catch (error) {
          failure = error;
          return;
        }
      }
    });
    this.#headMoved();
    if (failure !== undefined) throw failure;
    return { head: this.head(), gasUsed };
  }

  #importBlock(bytes: Uint8Array): bigint {
    const { number, hash, parts } = decodeImported(bytes);
    const { blocks } = this.#chain.database;
    const head = this.head();
    if (number <= head.number) {
      if (blocks.isCanonical(number, hash)) return 0n;
      throw new MvmError("import-invalid", `Block ${number} of the file differs from the one in the database.`);
    }
    if (number !== head.number + 1)
      throw new MvmError("import-invalid", `Block ${number} of the file does not follow the head ${head.number}.`);
    const response = readSealed(this.#request("import_block", importBlockRequest(this.#parentHeader(), bytes)));
    if (!equalBytes(response.hash, hash))
      throw new MvmError("import-invalid", `Block ${number} executes to another hash than the file has.`);
    this.#chain.append(storedFrom(response, undefined, parts));
    return response.gasUsed;
  }

  #request(name: string, request: Uint8Array, knownSender?: KnownSender): Uint8Array {
    return this.#slot.request(this.#chain.database.state.current, name, request, knownSender);
  }

  #parentHeader(): Uint8Array {
    const { number } = this.#chain.head;
    const header = this.#chain.database.blocks.header(number);
    if (header === undefined) throw new MvmError("database-corrupt", `The header of block ${number} is missing.`);
    return fromHex(header.headerRlp);
  }

  #keep(sealed: Sealed): ExecutedBlock {
    const oldest = this.#pending.size < maxPending ? undefined : this.#pending.keys().next().value;
    if (oldest !== undefined) this.#pending.delete(oldest);
    this.#pending.set(sealed.executed.hash, sealed);
    return sealed.executed;
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
