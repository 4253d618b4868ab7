import type { Chain, SealedBlock } from "../storage/chain.ts";
import { readSealed } from "../wire/sealed.ts";
import { storedFrom, type ImportedParts } from "./sealed.ts";

/** A block to be written: the kernel's answer, and what it was made from. */
export interface CommitJob {
  /** Body of the kernel's answer (docs/spec/kernel.md, "Sealed block"). */
  readonly answer: Uint8Array;
  /** L2 blocks only: `encodeInputs`, and RLP of the L1 header it is anchored to. */
  readonly inputs?: Uint8Array;
  readonly anchorHeader?: Uint8Array;
  /** Imported blocks only. */
  readonly imported?: ImportedParts;
}

interface Waiting {
  readonly job: CommitJob;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes blocks to the database, in order: those that wait when a transaction begins go into it together, which one wait
 * for the disk pays for. After a failure nothing more is written: what follows would have no parent.
 */
export class Committer {
  readonly #chain: Chain;
  #waiting: Waiting[] = [];
  #failure: unknown;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** Resolves when the block is on disk. Throws `MvmError` "disk-full" or "database-io"; the blocks before it are kept. */
  write(job: CommitJob): Promise<void> {
    return new Promise((resolve, reject) => {
      // After this turn of the event loop, so that all that has arrived by then goes together.
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ job, resolve, reject });
    });
  }

  rewind(number: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#chain.rewind(number);
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      if (this.#failure !== undefined) throw this.#failure;
      this.#chain.database.transact(() => {
        for (const { job } of group) this.#chain.append(stored(job));
      });
    } catch (error) {
      this.#failure = error;
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { resolve } of group) resolve();
  }
}

/** The block as the database takes it: not in shared memory, of which lmdb gets a wrong address before Node 22. */
export function stored({ answer, inputs, anchorHeader, imported }: CommitJob): SealedBlock {
  const own = answer.buffer instanceof SharedArrayBuffer ? answer.slice() : answer;
  const block = storedFrom(readSealed(own), inputs, imported);
  return anchorHeader === undefined ? block : { ...block, anchorHeader };
}
