import type { BlockRef, MvmReader } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import type { Logger } from "@metis/runtime";
import type { Address } from "viem";
import type { HeadView } from "../rpc/heads.ts";

/** More new blocks than this are not looked at one by one. */
const maxSteps = 64n;

export interface FollowerActions {
  /** Accounts whose state may differ: those named, or every one. */
  refresh(senders: Iterable<Address> | "all"): Promise<void>;
  included(hashes: Iterable<Hash>): void;
  readonly logger: Logger;
}

/**
 * Follows the executed head. Between two blocks only senders of included transactions change in a way that matters to the
 * pool, and accounts whose delegated code others may call; after anything but a plain extension all are read again.
 */
export class HeadFollower {
  readonly #reader: MvmReader;
  readonly #heads: HeadView;
  readonly #actions: FollowerActions;
  #seen: BlockRef;
  #pass: Promise<void> | undefined;
  #unsubscribe: () => void = () => undefined;
  #stopped = false;

  constructor(reader: MvmReader, heads: HeadView, actions: FollowerActions) {
    this.#reader = reader;
    this.#heads = heads;
    this.#actions = actions;
    this.#seen = reader.head();
  }

  start(): void {
    this.#seen = this.#reader.head();
    this.#unsubscribe = this.#heads.subscribe(() => this.#wake());
    // Catches what happened while the journal was read.
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    await this.#pass;
  }

  async settled(): Promise<void> {
    while (this.#pass) await this.#pass;
  }

  #wake(): void {
    this.#pass ??= this.#run().finally(() => {
      this.#pass = undefined;
      if (!this.#stopped && this.#reader.head().hash !== this.#seen.hash) this.#wake();
    });
  }

  async #run(): Promise<void> {
    try {
      for (
        let head = this.#reader.head();
        head.hash !== this.#seen.hash && !this.#stopped;
        head = this.#reader.head()
      ) {
        const steps = await this.#blocksTo(head);
        // Taken back meanwhile, its transactions may be in the pool again: they are not included.
        if (this.#reader.head().hash !== head.hash) continue;
        this.#seen = head;
        if (!steps) await this.#actions.refresh("all");
        else {
          this.#actions.included(steps.hashes);
          await this.#actions.refresh(steps.senders);
        }
      }
    } catch (error) {
      this.#actions.logger.warn("cannot follow the head", { error });
    }
  }

  /** What the blocks after the one last seen hold; `undefined` when they do not build on it. */
  async #blocksTo(head: BlockRef): Promise<{ senders: Set<Address>; hashes: Hash[] } | undefined> {
    const steps = head.number - this.#seen.number;
    if (steps <= 0n || steps > maxSteps) return undefined;
    const base = await this.#reader.block(this.#seen.number);
    if (base?.hash !== this.#seen.hash) return undefined;
    const senders = new Set<Address>();
    const hashes: Hash[] = [];
    for (let number = this.#seen.number + 1n; number <= head.number; number++) {
      const block = await this.#reader.block(number);
      // An authorization (EIP-7702) changes accounts that sent nothing.
      if (!block || block.transactions.some((raw) => raw.startsWith("0x04"))) return undefined;
      for (const sender of block.senders) senders.add(sender);
      hashes.push(...block.transactionHashes);
    }
    return { senders, hashes };
  }
}
