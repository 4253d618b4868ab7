import type { MvmReader } from "@metis/mvm";
import type { Logger } from "@metis/runtime";
import type { Hex } from "viem";
import type { ChainStore } from "../heads/store.ts";
import type { HeadView } from "../rpc/heads.ts";
import { feedBlockToHex } from "./signedBlock.ts";
import { maxRangeBlocks, maxRangeBytes } from "./source.ts";

export interface SignedBlocksOptions {
  readonly chain: Pick<ChainStore, "certificate">;
  readonly heads: HeadView;
  readonly reader: Pick<MvmReader, "block">;
  readonly logger: Logger;
}

/** New blocks told at a time; who needs those before them asks for a range. */
const maxTold = 16n;

/** The signed blocks of this node, for those who follow it. */
export class SignedBlocks {
  readonly #options: SignedBlocksOptions;
  readonly #listeners = new Set<(block: Hex) => void>();
  #told = 0n;
  #telling = false;
  #unsubscribe: () => void = () => undefined;

  constructor(options: SignedBlocksOptions) {
    this.#options = options;
  }

  /**
   * Encoded signed blocks from `from` on, in order: at most `count`, `maxRangeBlocks` and about `maxRangeBytes`. They end at the
   * first one without a certificate here, as derived from L1 alone.
   */
  async range(from: bigint, count: number): Promise<{ readonly signed: bigint; readonly blocks: readonly Hex[] }> {
    const { signed } = this.#options.heads.heads();
    const blocks: Hex[] = [];
    let bytes = 0;
    for (let number = from; blocks.length < Math.min(count, maxRangeBlocks) && bytes < maxRangeBytes; number++) {
      const block = number <= signed.number ? await this.#encoded(number) : undefined;
      if (block === undefined) break;
      blocks.push(block);
      bytes += block.length / 2 - 1;
    }
    return { signed: signed.number, blocks };
  }

  /** Calls back with every new signed block from now on. Returns what ends it. */
  subscribe(listener: (block: Hex) => void): () => void {
    const { heads } = this.#options;
    if (this.#listeners.size === 0) {
      this.#told = heads.heads().signed.number;
      this.#unsubscribe = heads.subscribe(() => void this.#wake());
    }
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#unsubscribe();
    };
  }

  async #wake(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    const { heads, logger } = this.#options;
    try {
      while (this.#listeners.size > 0 && heads.heads().signed.number !== this.#told) await this.#tell();
    } catch (error) {
      logger.warn("cannot tell a signed block", { error });
    } finally {
      this.#telling = false;
    }
  }

  /** Blocks taken back are not told: whoever follows hears it from L1. */
  async #tell(): Promise<void> {
    const { number: head } = this.#options.heads.heads().signed;
    const from = head - this.#told > maxTold ? head - maxTold + 1n : this.#told + 1n;
    this.#told = head;
    for (let number = from; number <= head; number++) {
      const block = await this.#encoded(number);
      if (block !== undefined) for (const listener of this.#listeners) listener(block);
    }
  }

  async #encoded(number: bigint): Promise<Hex | undefined> {
    const { chain, reader } = this.#options;
    const signed = chain.certificate(number);
    const block = await reader.block(number);
    if (!signed || !block?.inputs || block.hash !== signed.attestation.blockHash) return undefined;
    return feedBlockToHex(block.inputs, signed);
  }
}
