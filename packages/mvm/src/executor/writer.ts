import type { Hash } from "@metis/protocol";
import { equalBytes, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { Head } from "../storage/database.ts";
import { onParent, sealRequest } from "../wire/requests.ts";
import { readOpened } from "../wire/responses.ts";
import { executedPart, readSealed, type SealedResponse } from "../wire/sealed.ts";
import type { Ahead } from "./ahead.ts";
import type { AnswerMemory } from "./answers.ts";
import { Later, Moved } from "./channel.ts";
import type { CommitJob } from "./committer.ts";
import type { Commits } from "./commits.ts";
import { decodeImported, type ImportedBlock } from "./imported.ts";
import type { KernelSlot } from "./kernelSlot.ts";
import { importTask, leafJob, leafTask, type Task } from "./task.ts";

/** Executed blocks that wait for `commit` on one head; the oldest goes first. */
const maxPending = 16;

/** A block that was opened: gas left for user transactions. */
export interface Opened {
  readonly id: number;
  readonly gasLeft: bigint;
}

interface OpenBlock {
  readonly id: number;
  readonly fields: Uint8Array;
  readonly generation: number;
}

/** An executed block that waits for `commit`. */
interface Pending {
  readonly number: number;
  readonly response: SealedResponse;
  readonly job: CommitJob;
}

/** What a block is made of: `openFields`, and RLP of the list of its transactions. */
export type Leaf = readonly [fields: Uint8Array, transactions: Uint8Array];

/** What blocks in a row came to. */
export interface Extended {
  readonly head: Head;
  readonly gasUsed: bigint;
}

/** The one place that executes blocks. It lives in a worker of its own. */
export class Writer {
  readonly #commits: Commits;
  readonly #slot: KernelSlot;
  readonly #memory: AnswerMemory;
  readonly #ahead: Ahead | undefined;
  readonly #pending = new Map<Hash, Pending>();
  #open: OpenBlock | undefined;
  #builders = 0;

  /** `memory`: shared when `commits` are another thread's; `ahead`: has roots computed beside execution. */
  constructor(commits: Commits, slot: KernelSlot, memory: AnswerMemory, ahead?: Ahead) {
    this.#memory = memory;
    this.#commits = commits;
    this.#slot = slot;
    this.#ahead = ahead;
  }

  head(): Head {
    return this.#commits.head;
  }

  /** `fields`: `openFields`; `transactions`: RLP of their list. Answers `executedPart`. */
  execute(fields: Uint8Array, transactions: Uint8Array): Moved {
    this.#refuseOpenBuilder();
    const task = leafTask(fields, transactions);
    const answer = this.#block(task.whole, task.request(this.#parentHeader()));
    const response = readSealed(answer);
    this.#keep(response, { answer, ...task.job(response) });
    return new Moved(executedPart(answer, true));
  }

  /** `fields`: `openFields`. */
  open(fields: Uint8Array): Opened {
    this.#refuseOpenBuilder();
    const { gasLimit, gasUsed } = readOpened(this.#request("open_block", onParent(this.#parentHeader(), fields)));
    const id = ++this.#builders;
    this.#open = { id, fields, generation: this.#slot.generation };
    return { id, gasLeft: gasLimit - gasUsed };
  }

  /** `offers`: `addRequest`. Answers what `readAdded` reads. */
  add(id: number, offers: Uint8Array): Moved {
    this.#builder(id);
    return new Moved(this.#request("add_transactions", offers));
  }

  /** `leaf`: RLP of `inputsHeadFields` with the flags to seal with. Answers `executedPart`. */
  seal(id: number, leaf: Uint8Array, flags?: number): Moved {
    const { fields } = this.#builder(id);
    const answer = this.#block("seal_block", sealRequest(flags));
    this.#open = undefined;
    // What the builder refused was never posted.
    this.#keep(readSealed(answer), { answer, ...leafJob(leaf, fields, []) });
    return new Moved(executedPart(answer, false));
  }

  /** Nothing happens when the builder is closed already. */
  discard(id: number): void {
    if (this.#open?.id !== id) return;
    this.#open = undefined;
    this.#request("discard_block", new Uint8Array());
  }

  /**
   * Makes a pending block the head; the answer comes when it is on disk, the next block may be executed before.
   * `isFollowed`: one comes on its heels, so that both may go to the disk together.
   */
  async commit(hash: Hash, isFollowed = false): Promise<Later> {
    const pending = this.#pending.get(hash);
    if (pending === undefined) throw new MvmError("not-pending", `No executed block ${hash} waits on this head.`);
    this.#refuseOpenBuilder();
    await this.#commits.room();
    const written = this.#write(pending, isFollowed);
    this.#pending.delete(hash);
    this.#headMoved();
    return new Later(written);
  }

  async rewind(number: number): Promise<Head> {
    this.#refuseOpenBuilder();
    await this.#commits.rewind(number);
    this.#headMoved();
    return this.head();
  }

  /** Executes blocks one after the other on the head and keeps them. Answers as `importBlocks`. */
  extend(leaves: readonly Leaf[]): Promise<Later> {
    return this.#extend(leaves.map(([fields, transactions]) => leafTask(fields, transactions)));
  }

  /**
   * Executes full Ethereum blocks (RLP) on the head; blocks already on the chain are skipped. The answer comes when all are
   * on disk. What stands before a bad block is kept. Throws the kernel's refusal, or `MvmError` "import-invalid".
   */
  importBlocks(blocks: readonly Uint8Array[]): Promise<Later> {
    const tasks: Task[] = [];
    try {
      for (const bytes of blocks) {
        const block = decodeImported(bytes);
        if (!this.#isKnown(block, tasks)) tasks.push(importTask(bytes, block));
      }
    } catch (error) {
      return this.#extend(tasks, error);
    }
    return this.#extend(tasks);
  }

  /** Whether the block is on the chain already, or among those `before` it. Throws `MvmError` "import-invalid" when it fits nowhere. */
  #isKnown({ number, hash }: ImportedBlock, before: readonly Task[]): boolean {
    const head = this.head().number;
    const newest = head + before.length;
    if (number === newest + 1) return false;
    if (number > newest)
      throw new MvmError("import-invalid", `Block ${number} of the file does not follow the head ${newest}.`);
    const known = number > head ? before[number - head - 1]!.claimed?.hash : this.#commits.hash(number);
    if (known !== undefined && equalBytes(known, hash)) return true;
    throw new MvmError("import-invalid", `Block ${number} of the file differs from the one in the database.`);
  }

  /** `failure`: of what would come behind the tasks. */
  async #extend(tasks: readonly Task[], failure?: unknown): Promise<Later> {
    this.#refuseOpenBuilder();
    await this.#commits.prepare(tasks.length);
    const ahead = await this.#ahead?.extend(tasks);
    let { gasUsed, written } = ahead ?? { gasUsed: 0n, written: Promise.resolve(this.head()) };
    for (const task of tasks.slice(ahead?.blocks)) {
      try {
        const whole = await this.#whole(task);
        gasUsed += whole.gasUsed;
        written = whole.written;
      } catch (error) {
        failure = error;
        break;
      }
    }
    this.#commits.complete();
    this.#headMoved();
    const done = async (): Promise<Extended> => {
      const head = await written;
      if (failure !== undefined) throw failure;
      return { head, gasUsed };
    };
    return new Later(done());
  }

  async #whole(task: Task): Promise<{ readonly gasUsed: bigint; readonly written: Promise<Head> }> {
    await this.#commits.room();
    const answer = this.#block(task.whole, task.request(this.#parentHeader()));
    const response = readSealed(answer);
    const job = { answer, ...task.job(response) };
    const written = this.#write({ number: this.head().number + 1, response, job }, true);
    return { gasUsed: response.gasUsed, written };
  }

  #request(name: string, request: Uint8Array): Uint8Array {
    return this.#slot.request(this.#commits.state, name, request);
  }

  /** As `#request`, for an answer that other threads read. */
  #block(name: string, request: Uint8Array): Uint8Array {
    return this.#slot.request(this.#commits.state, name, request, this.#memory.take);
  }

  #parentHeader(): Uint8Array {
    this.#commits.check();
    return this.#commits.headHeader();
  }

  #keep(response: SealedResponse, job: CommitJob): void {
    const oldest = this.#pending.size < maxPending ? undefined : this.#pending.keys().next().value;
    if (oldest !== undefined) this.#forget(oldest);
    const hash = toHex(response.hash);
    this.#forget(hash);
    this.#pending.set(hash, { number: this.head().number + 1, response, job });
  }

  #forget(hash: Hash): void {
    const pending = this.#pending.get(hash);
    if (pending !== undefined) this.#memory.release(pending.job.answer);
    this.#pending.delete(hash);
  }

  /** Hands a block over to the disk. */
  #write({ number, response, job }: Pending, isFollowed: boolean): Promise<Head> {
    const release = (): void => this.#memory.release(job.answer);
    const written = this.#commits.write(number, response, job, release, isFollowed);
    // Whoever waits for a later block hears of it, too.
    written.catch(() => {});
    return written;
  }

  #headMoved(): void {
    for (const hash of this.#pending.keys()) this.#forget(hash);
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
