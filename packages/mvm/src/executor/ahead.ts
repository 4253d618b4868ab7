import type { Hash } from "@metis/protocol";
import type { Chain } from "../storage/chain.ts";
import type { Head } from "../storage/database.ts";
import { readRootless, readSealed } from "../wire/sealed.ts";
import { AnswerMemory } from "./answers.ts";
import type { WorkerClient } from "./channel.ts";
import type { CommitQueue } from "./commitQueue.ts";
import type { HashBoard } from "./hashBoard.ts";
import type { KernelSlot } from "./kernelSlot.ts";
import { RootlessState } from "./rootlessState.ts";
import type { SealJob } from "./sealer.ts";
import type { Task } from "./task.ts";

/** Blocks in a row for which the thread is begun: that costs as much as some hundred of them. */
const worthThread = 16;
/** Blocks, and bytes of the kernel's answers, that wait for their roots before the next one is executed. */
const maxBlocks = 16;
const maxBytes = 64 * 1024 * 1024;
/** Milliseconds that execution waits for one hash: the thread that computes it may be gone. */
const patience = 30_000;

/** What the queue needs of the thread that seals. */
export type SealThread = Pick<WorkerClient, "call" | "terminate">;

/** What of a row of blocks was handed over to the disk. */
export interface Extension {
  readonly blocks: number;
  readonly gasUsed: bigint;
  /** Resolves when they are on disk. */
  readonly written: Promise<Head>;
}

/** Blocks of one call on their way. */
interface Row {
  readonly thread: SealThread;
  /** Hashes that the blocks claim, by number. */
  readonly claimed: Map<number, Uint8Array>;
  /** Executed blocks that are not handed over: bytes of each, and when it has been, or never will be. */
  readonly waiting: Map<number, { readonly bytes: number; readonly settled: Promise<void> }>;
  bytes: number;
  /** The newest block: RLP of what stands for its header, and when it is settled. */
  number: number;
  parentHeader: Uint8Array;
  settled: Promise<void>;
  done: Extension;
  isBroken: boolean;
}

/**
 * Executes blocks in a row while another thread computes the roots of those before them, and a third one writes those before
 * these. The chain is `commits`: a block counts once it is sealed and handed over there.
 */
export class Ahead {
  readonly #chain: Chain;
  readonly #commits: CommitQueue;
  readonly #slot: KernelSlot;
  readonly #start: () => SealThread;
  readonly #board: HashBoard;
  readonly #executed = new AnswerMemory(true);
  readonly #sealed = new AnswerMemory(true);
  readonly #worthThread: number;
  readonly #warn: (message: string) => void;
  #thread: SealThread | undefined;
  #ready: Promise<boolean> | undefined;
  #isGivenUp = false;
  #state: RootlessState;
  /** Newest block that the thread has sealed, if what comes can stand on it. */
  #newest: Hash | undefined;
  #row: Row | undefined;

  /** `warn` is told why roots are computed by the executing thread for once. */
  constructor(
    chain: Chain,
    commits: CommitQueue,
    slot: KernelSlot,
    [start, board]: readonly [start: () => SealThread, board: HashBoard],
    warn: (message: string) => void,
    worth = worthThread,
  ) {
    this.#chain = chain;
    this.#commits = commits;
    this.#slot = slot;
    this.#start = start;
    this.#board = board;
    this.#warn = warn;
    this.#worthThread = worth;
    this.#state = this.#newState();
  }

  /** Hash of a block of the chain, or of one on its way there, which execution waits for. */
  hash(number: number): Uint8Array | undefined {
    const row = this.#row;
    if (row === undefined || number <= this.#commits.head.number) return this.#commits.hash(number);
    return row.claimed.get(number) ?? this.#board.wait(number, patience);
  }

  /**
   * Executes `tasks` on the head, up to the first that cannot be done here for whatever reason: executed alone, that one says
   * why. All it tells of is sealed and handed over.
   */
  async extend(tasks: readonly Task[]): Promise<Extension> {
    const head = this.#commits.head;
    const nothing: Extension = { blocks: 0, gasUsed: 0n, written: Promise.resolve(head) };
    const thread = await this.#begun(tasks.length);
    if (thread === undefined) return nothing;
    const row: Row = {
      thread,
      claimed: new Map(),
      waiting: new Map(),
      bytes: 0,
      number: head.number,
      parentHeader: this.#commits.headHeader(),
      settled: Promise.resolve(),
      done: nothing,
      isBroken: false,
    };
    this.#row = row;
    try {
      for (const task of tasks) {
        await this.#room(row);
        if (row.isBroken || !this.#run(row, task)) break;
      }
      await row.settled;
    } finally {
      this.#row = undefined;
    }
    this.#newest = row.isBroken || row.number !== this.#commits.head.number ? undefined : this.#commits.head.hash;
    return row.done;
  }

  async close(): Promise<void> {
    await this.#ready;
    await this.#thread?.call("close").catch(() => {});
    await this.#thread?.terminate();
  }

  /** The thread, standing on the head; none while rows are short, or when it cannot. */
  async #begun(blocks: number): Promise<SealThread | undefined> {
    if (this.#isGivenUp || (this.#thread === undefined && blocks < this.#worthThread)) return undefined;
    const thread = (this.#thread ??= this.#start());
    this.#ready ??= thread.call("ready").then(
      () => true,
      (error: unknown) => this.#giveUp(error),
    );
    if (!(await this.#ready)) return undefined;
    this.#board.clear();
    const { hash } = this.#commits.head;
    if (this.#newest === hash) return thread;
    this.#newest = undefined;
    await this.#commits.drain();
    this.#state = this.#newState();
    return thread.call("begin", hash).then(
      () => thread,
      (error: unknown) => {
        this.#giveUp(error);
        return undefined;
      },
    );
  }

  /** The thread is not asked again: what it failed with would be told with every row. */
  #giveUp(error: unknown): false {
    this.#warn(String(error));
    this.#isGivenUp = true;
    return false;
  }

  #newState(): RootlessState {
    return new RootlessState(this.#chain.database.state.current, (number) => this.hash(number));
  }

  /** Waits while too much is on its way; hears of what is sealed meanwhile. */
  async #room(row: Row): Promise<void> {
    await new Promise((resolve) => void setImmediate(resolve));
    while (row.waiting.size >= maxBlocks || row.bytes >= maxBytes) {
      const [oldest] = row.waiting.values();
      await oldest!.settled;
    }
  }

  /** Executes one block and has it sealed; false when it cannot be executed here. */
  #run(row: Row, task: Task): boolean {
    const number = row.number + 1;
    let executed: Uint8Array;
    try {
      executed = this.#slot.request(this.#state, task.rootless, task.request(row.parentHeader), this.#executed.take);
    } catch (error) {
      this.#tell(error);
      return false;
    }
    const { draftRlp, isLate, changes } = readRootless(executed);
    this.#state.add(number, changes, isLate);
    if (task.claimed !== undefined) row.claimed.set(number, task.claimed.hash);
    const job: SealJob = { number, executed, room: this.#sealed.spare() };
    const sealed = row.thread.call<Uint8Array>("seal", job);
    const settled = this.#hand(row, task, job, sealed, row.settled)
      .catch((error: unknown) => this.#break(row, error))
      .finally(() => {
        row.waiting.delete(number);
        row.bytes -= executed.length;
      });
    row.waiting.set(number, { bytes: executed.length, settled });
    row.bytes += executed.length;
    row.number = number;
    row.parentHeader = task.claimed?.headerRlp ?? draftRlp;
    row.settled = settled;
    return true;
  }

  /** Hands a block over to the disk once it is sealed and the one `before` is handed over. */
  async #hand(
    row: Row,
    task: Task,
    { number, executed }: SealJob,
    sealed: Promise<Uint8Array>,
    before: Promise<void>,
  ): Promise<void> {
    const [answer] = await Promise.all([sealed, before]);
    await this.#commits.room();
    if (row.isBroken) return;
    const response = readSealed(answer);
    const job = { answer, ...task.job(response) };
    const written = this.#commits.write(number, response, job, () => this.#written(number, executed, answer));
    // Whoever waits for the last one hears of it.
    written.catch(() => {});
    row.done = { blocks: row.done.blocks + 1, gasUsed: row.done.gasUsed + response.gasUsed, written };
  }

  #break(row: Row, error: unknown): void {
    if (!row.isBroken) this.#tell(error);
    row.isBroken = true;
  }

  /** What is wrong with a block is told by who executes it whole. */
  #tell(error: unknown): void {
    if ((error as { readonly remedy?: unknown }).remedy !== "reject") this.#warn(String(error));
  }

  #written(number: number, executed: Uint8Array, answer: Uint8Array): void {
    this.#state.drop(number);
    this.#thread?.call("written", number).catch(() => {});
    this.#executed.release(executed);
    this.#sealed.release(answer);
  }
}
