import { toHex } from "../bytes.ts";
import type { Chain } from "../storage/chain.ts";
import type { Head } from "../storage/database.ts";
import type { StateView } from "../storage/state.ts";
import { UnwrittenState } from "../storage/unwritten.ts";
import type { SealedResponse } from "../wire/sealed.ts";
import { stored, type CommitJob } from "./committer.ts";
import { storedHeader, type Commits } from "./commits.ts";

/** Blocks, and bytes of the kernel's answers, after which a group is complete. */
const maxBlocks = 32;
const maxBytes = 8 * 1024 * 1024;

/** Milliseconds that a block waits at most for one that was to follow; as long as the last commit took, where the disk is slow. */
const patience = 200;

/** What commits need of time, in milliseconds. */
export interface Timer {
  now(): number;
  after(delay: number, action: () => void): void;
}

interface Waiting {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly headerRlp: Uint8Array;
  readonly job: CommitJob;
  readonly release: () => void;
}

/** Blocks of one transaction, which one wait for the disk pays for. */
interface Group {
  readonly blocks: Waiting[];
  readonly written: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  bytes: number;
}

/**
 * Commits of the thread that executes. A block that another one follows on its heels waits for it, so that both go into one
 * transaction; the others are written at once. For few processors: nothing overlaps, little is spent.
 */
export class GroupedCommits implements Commits {
  readonly state: StateView;
  readonly #chain: Chain;
  readonly #timer: Timer;
  readonly #checkRoom: () => void;
  readonly #changes: UnwrittenState;
  #group: Group | undefined;
  #lastTook = 0;
  #failure: unknown;

  constructor(chain: Chain, timer: Timer, checkRoom = () => chain.database.checkRoom()) {
    this.#chain = chain;
    this.#timer = timer;
    this.#checkRoom = checkRoom;
    this.#changes = new UnwrittenState(chain.database.state.current);
    this.state = this.#changes;
  }

  get head(): Head {
    const newest = this.#group?.blocks.at(-1);
    return newest === undefined ? this.#chain.head : { number: newest.number, hash: toHex(newest.hash) };
  }

  hash(number: number): Uint8Array | undefined {
    const waiting = this.#group?.blocks.find((block) => block.number === number);
    return waiting?.hash ?? this.#chain.database.blocks.hash(number);
  }

  headHeader(): Uint8Array {
    return this.#group?.blocks.at(-1)?.headerRlp ?? storedHeader(this.#chain, this.#chain.head.number);
  }

  async prepare(): Promise<void> {}

  async room(): Promise<void> {}

  write(
    number: number,
    response: SealedResponse,
    job: CommitJob,
    release: () => void,
    isFollowed: boolean,
  ): Promise<Head> {
    this.check();
    this.#checkRoom();
    const group = (this.#group ??= this.#begin());
    const { hash, headerRlp } = response;
    group.blocks.push({ number, hash, headerRlp, job, release });
    group.bytes += job.answer.length;
    const head = { number, hash: toHex(hash) };
    if (isFollowed && group.blocks.length < maxBlocks && group.bytes < maxBytes) this.#wait(group, number, response);
    else this.complete();
    return group.written.then(() => head);
  }

  complete(): void {
    const group = this.#group;
    if (group === undefined) return;
    this.#group = undefined;
    const begin = this.#timer.now();
    try {
      this.#chain.database.transact(() => {
        for (const { job } of group.blocks) this.#chain.append(stored(job));
      });
    } catch (error) {
      // What was executed on the lost blocks has no parent any more: nothing goes on from here.
      this.#failure = error;
      group.reject(error);
      return;
    }
    this.#lastTook = this.#timer.now() - begin;
    for (const { number, release } of group.blocks) {
      this.#changes.drop(number);
      release();
    }
    group.resolve();
  }

  async rewind(number: number): Promise<void> {
    this.complete();
    this.check();
    this.#chain.rewind(number);
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    this.complete();
  }

  #begin(): Group {
    let settle!: Pick<Group, "resolve" | "reject">;
    const written = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    // Those whose blocks these are hear of it.
    written.catch(() => {});
    return { blocks: [], written, ...settle, bytes: 0 };
  }

  /** The next block finds here what this one changed; it does not wait for ever. */
  #wait(group: Group, number: number, response: SealedResponse): void {
    this.#changes.add(number, response.changes);
    if (group.blocks.length > 1) return;
    this.#timer.after(Math.max(patience, this.#lastTook), () => {
      if (this.#group === group) this.complete();
    });
  }
}
