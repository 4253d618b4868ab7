import type { BlockRef, BlockView, MvmReader, ReceiptView } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import { BaseService, type Logger } from "@metis/runtime";
import type { Blocks } from "./blocks.ts";
import type { HeadView } from "./heads.ts";
import { decodeHeader } from "./header.ts";

/** What of a block is told of. */
export type FeedView = Pick<BlockView, "number" | "hash" | "headerRlp" | "transactionHashes">;

/** A block with what its logs are made of, kept so that logs of a removed block can be told. */
export interface FeedBlock {
  readonly block: FeedView;
  readonly receipts: () => readonly ReceiptView[];
}

/** Blocks taken from the chain (newest first) and then put on it (oldest first). */
export interface ChainChange {
  readonly removed: readonly FeedBlock[];
  readonly added: readonly FeedBlock[];
}

/** Blocks behind the head that a change can reach; what lies deeper is skipped. */
const depth = 128;

/** Turns moves of the `latest` head into blocks added and removed, in order and without gaps up to `depth`. */
export class ChainFeed extends BaseService {
  readonly #reader: MvmReader;
  readonly #heads: HeadView;
  readonly #blocks: Blocks;
  readonly #logger: Logger;
  readonly #listeners = new Set<(change: ChainChange) => void>();
  /** The chain's end as last told, oldest first. */
  #told: FeedBlock[] = [];
  #seen: Hash | undefined;
  #pass: Promise<void> | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(given: { reader: MvmReader; heads: HeadView; blocks: Blocks; logger: Logger }) {
    super("chain-feed");
    this.#reader = given.reader;
    this.#heads = given.heads;
    this.#blocks = given.blocks;
    this.#logger = given.logger;
  }

  /** Calls back for every change from now on. Returns what ends it. */
  subscribe(listener: (change: ChainChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the feed has caught up with the head. */
  async settled(): Promise<void> {
    while (this.#pass) await this.#pass;
  }

  protected async onStart(): Promise<void> {
    this.#unsubscribe = this.#heads.subscribe(() => this.#wake());
    const first = await this.#load(this.#blocks.latest());
    if (first) this.#told = [first];
    this.#seen = first?.block.hash;
    this.#wake();
  }

  protected async onStop(): Promise<void> {
    this.#unsubscribe();
    await this.#pass;
  }

  #wake(): void {
    if (this.signal.aborted || this.#pass || this.#blocks.latest().hash === this.#seen) return;
    this.#pass = this.#run().finally(() => {
      this.#pass = undefined;
      this.#wake();
    });
  }

  async #run(): Promise<void> {
    const target = this.#blocks.latest();
    this.#seen = target.hash;
    try {
      const change = await this.#changeTo(target);
      if (change.added.length + change.removed.length > 0) for (const listener of this.#listeners) listener(change);
    } catch (error) {
      this.#logger.warn("cannot follow the chain for subscriptions", { error });
    }
  }

  /** Walks back from `target` to a block that was told before. */
  async #changeTo(target: BlockRef): Promise<ChainChange> {
    const known = new Map(this.#told.map((entry, index) => [entry.block.hash, index]));
    const added: FeedBlock[] = [];
    let common = known.get(target.hash);
    for (let next: BlockRef | undefined = target; common === undefined && next && added.length < depth;) {
      const entry = await this.#load(next);
      if (!entry) break;
      added.push(entry);
      const { parentHash, number } = decodeHeader(entry.block.headerRlp);
      common = known.get(parentHash);
      next = number > 0n ? { number: number - 1n, hash: parentHash } : undefined;
    }
    added.reverse();
    const kept = common === undefined ? 0 : common + 1;
    const first = added[0]?.block.number ?? 0n;
    // A gap longer than the feed reaches is no reorganisation: nothing of what was told is taken back.
    const skipped = common === undefined && (this.#told.at(-1)?.block.number ?? -1n) < first;
    const removed = skipped ? [] : this.#told.slice(kept).toReversed();
    this.#told = [...this.#told.slice(0, kept), ...added].slice(-depth);
    return { removed, added };
  }

  async #load(ref: BlockRef): Promise<FeedBlock | undefined> {
    const id = { hash: ref.hash };
    const [block, receipts] = await Promise.all([this.#reader.block(id), this.#reader.keptReceipts(id)]);
    if (!block) return undefined;
    const { number, hash, headerRlp, transactionHashes } = block;
    return { block: { number, hash, headerRlp, transactionHashes }, receipts: receipts ?? (() => []) };
  }
}
