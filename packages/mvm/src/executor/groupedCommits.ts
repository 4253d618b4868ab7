import { toHex } from "../bytes.ts";
import type { Chain } from "../storage/chain.ts";
import type { Head, Transaction } from "../storage/database.ts";
import type { StateView } from "../storage/state.ts";
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

/** Blocks of one transaction, which one wait for the disk pays for. */
interface Group {
  readonly transaction: Transaction;
  readonly written: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  blocks: number;
  bytes: number;
}

/**
 * Commits of the thread that executes. A block that another one follows on its heels waits for it in an open transaction, in
 * which the next one finds what it changed: no message, no second copy. For few processors: nothing overlaps, little is spent.
 */
export class GroupedCommits implements Commits {
  readonly state: StateView;
  readonly #chain: Chain;
  readonly #timer: Timer;
  readonly #checkRoom: () => void;
  #group: Group | undefined;
  #lastTook = 0;
  #failure: unknown;

  constructor(chain: Chain, timer: Timer, checkRoom = () => chain.database.checkRoom()) {
    this.#chain = chain;
    this.#timer = timer;
    this.#checkRoom = checkRoom;
    this.state = chain.database.state.current;
  }

  get head(): Head {
    return this.#chain.head;
  }

  hash(number: number): Uint8Array | undefined {
    return this.#chain.database.blocks.hash(number);
  }

  headHeader(): Uint8Array {
    return storedHeader(this.#chain, this.head.number);
  }

  async prepare(): Promise<void> {}

  async room(): Promise<void> {}

  write(number: number, response: SealedResponse, job: CommitJob, release: () => void): Promise<Head> {
    this.check();
    this.#checkRoom();
    const group = (this.#group ??= this.#begin());
    const head = { number, hash: toHex(response.hash) };
    this.#append(group, job);
    release();
    return group.written.then(() => head);
  }

  complete(): void {
    const group = this.#group;
    if (group === undefined) return;
    this.#group = undefined;
    const begin = this.#timer.now();
    try {
      group.transaction.commit();
      this.#lastTook = this.#timer.now() - begin;
      group.resolve();
    } catch (error) {
      this.#fail(group, error);
    }
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

  #append(group: Group, job: CommitJob): void {
    try {
      this.#chain.append(stored(job));
    } catch (error) {
      group.transaction.abort();
      this.#fail(group, error);
      return;
    }
    group.blocks += 1;
    group.bytes += job.answer.length;
    if (group.blocks >= maxBlocks || group.bytes >= maxBytes) this.complete();
  }

  #begin(): Group {
    const transaction = this.#chain.database.begin();
    let settle!: Pick<Group, "resolve" | "reject">;
    const written = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    // Those whose blocks these are hear of it.
    written.catch(() => {});
    const group: Group = { transaction, written, ...settle, blocks: 0, bytes: 0 };
    this.#timer.after(Math.max(patience, this.#lastTook), () => {
      if (this.#group === group) this.complete();
    });
    return group;
  }

  /** What was executed on the lost blocks has no parent any more: nothing goes on from here. */
  #fail(group: Group, error: unknown): void {
    this.#group = undefined;
    this.#failure = error;
    group.reject(error);
  }
}
