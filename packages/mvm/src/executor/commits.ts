import type { Chain } from "../storage/chain.ts";
import type { Head } from "../storage/database.ts";
import type { StateView } from "../storage/state.ts";
import type { SealedResponse } from "../wire/sealed.ts";
import { fromHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { CommitJob } from "./committer.ts";

/** The chain as execution sees it: its newest blocks may still be on their way to the disk. */
export interface Commits {
  /** Of the newest block. */
  readonly state: StateView;
  readonly head: Head;
  /** Hash of a block of the chain, 32 bytes. */
  hash(number: number): Uint8Array | undefined;
  /** RLP of the newest block's header. */
  headHeader(): Uint8Array;
  /** Has ready what makes so many blocks faster, if they are worth it. */
  prepare(blocks: number): Promise<void>;
  /** Waits while too much is on its way. */
  room(): Promise<void>;
  /**
   * Makes block `number`, the child of the head, the new head. The promise resolves to it when it is on disk; `release` is
   * called when nobody reads the bytes of `job` any more; `isFollowed`: the next block comes on its heels. Throws "disk-full"
   * with the remedy "retry" before the disk is full: nothing has changed then. Throws, and rejects, with `MvmError` "disk-full"
   * or "database-io" when a write failed; every later call then throws the same.
   */
  write(
    number: number,
    response: SealedResponse,
    job: CommitJob,
    release: () => void,
    isFollowed: boolean,
  ): Promise<Head>;
  /** Says that no block follows the last one after all. */
  complete(): void;
  /** Takes blocks above `number` back, once everything is written. Throws as `Chain.rewind` does. */
  rewind(number: number): Promise<void>;
  /** Throws what a write failed with: the head is not to be built on then. */
  check(): void;
  /** Waits for what is being written, whether it succeeds or not. */
  close(): Promise<void>;
}

/** RLP of a stored block's header. Throws `MvmError` "database-corrupt" when it is missing. */
export function storedHeader({ database }: Chain, number: number): Uint8Array {
  const header = database.blocks.header(number);
  if (header === undefined) throw new MvmError("database-corrupt", `The header of block ${number} is missing.`);
  return fromHex(header.headerRlp);
}
