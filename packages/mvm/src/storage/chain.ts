import type { Hash } from "@metis/protocol";
import { toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { BlockRows } from "./blocks.ts";
import type { Database, GenesisRecord, Head } from "./database.ts";
import type { StateView } from "./state.ts";

/** An executed block with everything it writes. */
export interface SealedBlock {
  readonly block: BlockRows;
  readonly parentHash: Hash;
  /** As the kernel encodes them (`ChangeCursor`). */
  readonly changes: Uint8Array;
  /** RLP of the L1 header it is anchored to; L2 blocks only. */
  readonly anchorHeader?: Uint8Array;
}

/** How many pruned blocks one commit drops at most beside its own: a smaller window is reached step by step. */
const prunePerCommit = 8;

/** The chain in a database: appends, takes back, prunes, and finds the state of a block. */
export class Chain {
  readonly database: Database;
  readonly #historyBlocks: number;

  /** `historyBlocks`: for how many blocks below the head the state is kept; `Infinity` keeps all. */
  constructor(database: Database, historyBlocks: number) {
    this.database = database;
    this.#historyBlocks = historyBlocks;
  }

  /** Throws `MvmError` "database-corrupt" when there is no genesis yet. */
  get head(): Head {
    const head = this.database.head;
    if (head === undefined)
      throw new MvmError("database-corrupt", "The database has no head: delete it and sync again.");
    return head;
  }

  /** Writes block 0 into an empty database. */
  seed(genesis: GenesisRecord, sealed: SealedBlock): void {
    const { database } = this;
    database.transact(() => {
      database.state.seed(sealed.changes);
      database.blocks.put(sealed.block);
      database.setGenesis(genesis);
      database.setHead({ number: sealed.block.number, hash: toHex(sealed.block.hash) });
    });
  }

  /** Writes a child of the head, and the new head, in one durable step. */
  commit(sealed: SealedBlock): void {
    this.database.transact(() => this.append(sealed));
  }

  /** As `commit`, inside a transaction of the caller. Throws `MvmError` "head-moved" when the parent is not the head. */
  append(sealed: SealedBlock): void {
    const { database } = this;
    const { number } = sealed.block;
    const head = this.head;
    if (head.hash !== sealed.parentHash || head.number + 1 !== number)
      throw new MvmError(
        "head-moved",
        `Block ${number} does not extend the head ${head.number}. Only one process may use a data directory.`,
        undefined,
        { number, head },
      );
    database.state.apply(sealed.changes, number);
    database.blocks.put(sealed.block);
    if (sealed.anchorHeader !== undefined) database.anchors.put(number, sealed.anchorHeader);
    database.setHead({ number, hash: toHex(sealed.block.hash) });
    this.#prune(number);
  }

  /**
   * Takes blocks above `number` back, newest first, in one durable step.
   * Throws `MvmError` "state-unavailable" when their change sets are pruned, "unknown-block" above the head, "disk-full".
   */
  rewind(number: number): void {
    const { database } = this;
    database.checkRoom();
    database.transact(() => {
      const head = this.head.number;
      if (number > head || number < 0)
        throw new MvmError("unknown-block", `Cannot rewind to block ${number}: the head is ${head}.`);
      if (number < database.oldestState)
        throw new MvmError(
          "state-unavailable",
          `Cannot rewind to block ${number}: states below ${database.oldestState} are pruned. ` +
            "Delete the data directory and sync again from L1, or run with the archive option.",
          undefined,
          { number, oldest: database.oldestState },
        );
      for (let block = head; block > number; block--) {
        database.state.undo(block);
        database.blocks.remove(block);
        database.anchors.remove(block);
      }
      const header = database.blocks.header(number);
      if (header === undefined) throw new MvmError("database-corrupt", `Block ${number} is missing.`);
      database.setHead({ number, hash: header.hash });
    });
  }

  /**
   * State after block `number` of the chain; `undefined` above the head.
   * Throws `MvmError` "state-unavailable" when it is pruned.
   */
  stateAt(number: number): StateView | undefined {
    const { database } = this;
    const head = this.head.number;
    if (number > head) return undefined;
    if (number === head) return database.state.current;
    if (number < database.oldestState)
      throw new MvmError(
        "state-unavailable",
        `The state of block ${number} is pruned: the oldest kept is ${database.oldestState}.`,
        undefined,
        { number, oldest: database.oldestState },
      );
    return database.state.at(number);
  }

  /** To read block N one needs the change sets above N: those up to the window's lower end go. */
  #prune(head: number): void {
    const { database } = this;
    const keep = head - this.#historyBlocks;
    const oldest = database.oldestState;
    if (keep <= oldest) return;
    const next = Math.min(keep, oldest + prunePerCommit);
    for (let block = oldest + 1; block <= next; block++) database.state.forget(block);
    database.anchors.forgetBelow(next + 1);
    database.setOldestState(next);
  }
}
