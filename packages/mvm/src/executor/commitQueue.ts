import { toHex } from "../bytes.ts";
import type { Chain } from "../storage/chain.ts";
import type { Head } from "../storage/database.ts";
import type { StateView } from "../storage/state.ts";
import { UnwrittenState } from "../storage/unwritten.ts";
import type { SealedResponse } from "../wire/sealed.ts";
import { stored, type CommitJob } from "./committer.ts";
import { storedHeader, type Commits } from "./commits.ts";
import type { WorkerClient } from "./channel.ts";

/** Blocks written here before a thread is begun for it, which costs as much as some hundred of them. */
const blocksAlone = 16;
/** Blocks, and bytes of the kernel's answers, on their way to the disk before the next one has to wait. */
const maxBlocks = 64;
const maxBytes = 64 * 1024 * 1024;

interface Unwritten {
  readonly hash: Uint8Array;
  readonly headerRlp: Uint8Array;
  readonly bytes: number;
}

/** What the queue needs of the thread that writes. */
export type CommitThread = Pick<WorkerClient, "call" | "terminate">;

/**
 * Commits of another thread: the chain is the blocks of the database, and above them those that are being written there. So
 * the next block is executed while the disk still works on the last ones. No block waits for that thread to start: until it is
 * there, they are written here.
 */
export class CommitQueue implements Commits {
  readonly state: StateView;
  readonly #chain: Chain;
  readonly #start: () => CommitThread;
  readonly #changes: UnwrittenState;
  /** By number, ascending. */
  readonly #unwritten = new Map<number, Unwritten>();
  readonly #writes = new Set<Promise<void>>();
  readonly #checkRoom: () => void;
  #thread: CommitThread | undefined;
  #beginning: Promise<void> | undefined;
  #isReady = false;
  #alone: number;
  #head: Head;
  #bytes = 0;
  #failure: unknown;

  constructor(
    chain: Chain,
    start: () => CommitThread,
    alone = blocksAlone,
    checkRoom = () => chain.database.checkRoom(),
  ) {
    this.#alone = alone;
    this.#checkRoom = checkRoom;
    this.#chain = chain;
    this.#start = start;
    this.#head = chain.head;
    this.#changes = new UnwrittenState(chain.database.state.current);
    this.state = this.#changes;
  }

  get head(): Head {
    return this.#head;
  }

  hash(number: number): Uint8Array | undefined {
    return this.#unwritten.get(number)?.hash ?? this.#chain.database.blocks.hash(number);
  }

  headHeader(): Uint8Array {
    const { number } = this.#head;
    return this.#unwritten.get(number)?.headerRlp ?? storedHeader(this.#chain, number);
  }

  write(number: number, response: SealedResponse, job: CommitJob, release: () => void): Promise<Head> {
    this.check();
    this.#checkRoom();
    const head: Head = { number, hash: toHex(response.hash) };
    const thread = this.#readyThread();
    if (thread === undefined) return this.#writeHere(head, job, release);
    const bytes = job.answer.length;
    this.#unwritten.set(number, { hash: response.hash, headerRlp: response.headerRlp, bytes });
    this.#changes.add(number, response.changes);
    this.#bytes += bytes;
    this.#head = head;
    const write = thread.call<void>("write", job).then(
      () => this.#written(number, release),
      (error: unknown) => {
        this.#failure ??= error;
        throw error;
      },
    );
    this.#writes.add(write);
    void write.catch(() => {}).finally(() => this.#writes.delete(write));
    return write.then(() => head);
  }

  /** Nothing waits for a block that follows: the thread takes together what has arrived. */
  complete(): void {}

  async prepare(blocks: number): Promise<void> {
    if (blocks > blocksAlone) await this.begin();
  }

  /** Begins the thread; resolves when it has opened the database, or failed to: what it is given then says so. */
  begin(): Promise<void> {
    if (this.#beginning) return this.#beginning;
    const thread = (this.#thread = this.#start());
    const ready = (): void => void (this.#isReady = true);
    return (this.#beginning = thread.call("ready").then(ready, ready));
  }

  #readyThread(): CommitThread | undefined {
    if (this.#alone > 0) this.#alone--;
    else void this.begin();
    return this.#isReady ? this.#thread : undefined;
  }

  async #writeHere(head: Head, job: CommitJob, release: () => void): Promise<Head> {
    try {
      this.#chain.commit(stored(job));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    release();
    this.#head = head;
    return head;
  }

  async rewind(number: number): Promise<void> {
    await this.drain();
    if (this.#thread !== undefined && this.#isReady) await this.#thread.call("rewind", number);
    else this.#chain.rewind(number);
    this.#chain.database.refresh();
    this.#head = this.#chain.head;
  }

  async room(): Promise<void> {
    while (this.#unwritten.size >= maxBlocks || this.#bytes >= maxBytes) {
      this.check();
      const [oldest] = this.#writes;
      await oldest;
    }
  }

  /** Waits until everything is on disk. */
  async drain(): Promise<void> {
    await Promise.all(this.#writes);
    this.check();
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await this.#thread?.call("close");
    await this.#thread?.terminate();
  }

  #written(number: number, release: () => void): void {
    // Whoever reads below the dropped changes must find them in the database.
    this.#chain.database.refresh();
    this.#changes.drop(number);
    this.#bytes -= this.#unwritten.get(number)!.bytes;
    this.#unwritten.delete(number);
    // After a failure nobody knows who still reads it.
    release();
  }
}
