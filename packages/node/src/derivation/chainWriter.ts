import { MvmError } from "@metis/mvm";
import type { BlockContext, BlockRef, Mvm, MvmReader } from "@metis/mvm";
import { isSameInputs } from "@metis/protocol";
import type { BlockInputs, Generation, L2BlockNumber } from "@metis/protocol";
import type { Logger } from "@metis/runtime";
import type { Hex } from "viem";
import type { ChainHeads } from "../heads/heads.ts";
import type { ChainStore } from "../heads/store.ts";
import type { Mempool } from "../mempool/api.ts";

export interface ChainWriterOptions {
  readonly mvm: Pick<Mvm, "head" | "extend" | "rewind"> & { readonly reader: Pick<MvmReader, "block"> };
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  readonly mempool: Pick<Mempool, "reinsert"> | undefined;
  /** Runs a change of the chain while the sequencer stands still. */
  readonly exclusively: <T>(change: () => Promise<T>) => Promise<T>;
  readonly logger: Logger;
}

/** Characters of transactions that blocks which are taken back return: as much as a mempool holds, however many the blocks. */
const maxReturned = 128 * 1024 * 1024;

/** Changes the chain on derivation's behalf: executes what is missing, takes back what L1 contradicts. */
export class ChainWriter {
  readonly #options: ChainWriterOptions;

  constructor(options: ChainWriterOptions) {
    this.#options = options;
  }

  /** Whether block `inputs.number` is here and made from exactly these inputs (and hence the same block). */
  async holds(inputs: BlockInputs): Promise<"same" | "other" | "missing"> {
    const { mvm } = this.#options;
    if (mvm.head().number < inputs.number) return "missing";
    const own = (await mvm.reader.block(inputs.number))?.inputs;
    return own && isSameInputs(own, inputs) ? "same" : "other";
  }

  /** Executes blocks on the head and commits them. */
  execute(contexts: readonly BlockContext[]): Promise<void> {
    const { mvm, heads, exclusively } = this.#options;
    return exclusively(async () => {
      await mvm.extend(await this.#stillMissing(contexts));
      heads.update({ unsafe: mvm.head() });
    });
  }

  /** Signed blocks may have come from the pool since the caller looked. Throws `head-moved` (retry) when they are other ones. */
  async #stillMissing(contexts: readonly BlockContext[]): Promise<readonly BlockContext[]> {
    for (const [position, { inputs }] of contexts.entries()) {
      const held = await this.holds(inputs);
      if (held === "missing") return contexts.slice(position);
      if (held === "other")
        throw new MvmError("head-moved", `Block ${inputs.number} came while its batch was derived.`, "retry");
    }
    return [];
  }

  /**
   * Takes blocks above `number` back, keeps their certificates as evidence, and gives their transactions to the mempool again.
   * `firstBatch`: cut batches from there on are void, too.
   */
  takeBack(number: L2BlockNumber, firstBatch: bigint, generation: Generation): Promise<void> {
    const { mvm, chain, heads, mempool, exclusively, logger } = this.#options;
    return exclusively(async () => {
      const dropped = await this.#userTransactions(number + 1n, mvm.head().number);
      const head = await this.#blockAt(number);
      await chain.setAside(head, generation, firstBatch);
      await mvm.rewind(number);
      heads.update({ ...this.#notAbove(head), unsafe: head, signed: head });
      logger.warn("blocks were taken back", { above: number, transactionsReturned: dropped.length });
      await mempool?.reinsert(dropped);
    });
  }

  /** Throws `MvmError` "unknown-block" above the head. */
  async #blockAt(number: L2BlockNumber): Promise<BlockRef> {
    const block = await this.#options.mvm.reader.block(number);
    if (block === undefined) throw new MvmError("unknown-block", `There is no block ${number} to go back to.`);
    return { number, hash: block.hash };
  }

  #notAbove(head: BlockRef): { readonly safe: BlockRef; readonly finalized: BlockRef } {
    const { safe, finalized } = this.#options.heads.heads();
    return {
      safe: safe.number > head.number ? head : safe,
      finalized: finalized.number > head.number ? head : finalized,
    };
  }

  /** The oldest come first: others may wait for them. */
  async #userTransactions(from: L2BlockNumber, to: L2BlockNumber): Promise<Hex[]> {
    const raws: Hex[] = [];
    let characters = 0;
    for (let number = from; number <= to; number++)
      for (const raw of (await this.#options.mvm.reader.block(number))?.inputs?.transactions ?? []) {
        characters += raw.length;
        if (characters > maxReturned) return raws;
        raws.push(raw);
      }
    return raws;
  }
}
