import type { Hash } from "@metis/protocol";
import { MvmError } from "../errors.ts";
import type { Room } from "../kernel/index.ts";
import type { Chain } from "../storage/chain.ts";
import { UnwrittenState } from "../storage/unwritten.ts";
import { onParent } from "../wire/requests.ts";
import { joinSealed, readSealed } from "../wire/sealed.ts";
import { pieceOf } from "./answers.ts";
import { storedHeader } from "./commits.ts";
import type { HashBoard } from "./hashBoard.ts";
import type { KernelSlot } from "./kernelSlot.ts";

/** A block that was executed and has no roots yet. */
export interface SealJob {
  readonly number: number;
  /** Body of the kernel's answer (docs/spec/kernel.md, "Executed block"). */
  readonly executed: Uint8Array;
  /** Memory that the sealed block may lie in, if it fits. */
  readonly room: ArrayBufferLike | undefined;
}

interface Newest {
  readonly number: number;
  readonly headerRlp: Uint8Array;
}

/**
 * Computes roots and hashes of blocks in a row, each on the one before, whether that is on disk yet or not. It has a kernel of its
 * own, which remembers the tries.
 */
export class Sealer {
  readonly #chain: Chain;
  readonly #slot: KernelSlot;
  readonly #board: HashBoard;
  #changes: UnwrittenState;
  #newest: Newest | undefined;

  constructor(chain: Chain, slot: KernelSlot, board: HashBoard) {
    this.#chain = chain;
    this.#slot = slot;
    this.#board = board;
    this.#changes = new UnwrittenState(chain.database.state.current);
  }

  /** What comes stands on block `hash`, the newest one on disk. Throws `MvmError` "head-moved" when another one is. */
  begin(hash: Hash): void {
    const { database } = this.#chain;
    database.refresh();
    const { head } = this.#chain;
    if (head.hash !== hash)
      throw new MvmError("head-moved", `Blocks on ${hash} cannot be sealed: the head is ${head.hash}.`);
    this.#changes = new UnwrittenState(database.state.current);
    this.#newest = { number: head.number, headerRlp: storedHeader(this.#chain, head.number) };
  }

  /**
   * The sealed block (docs/spec/kernel.md, "Sealed block"). After a failure all that follow are refused until `begin`: they
   * have no parent.
   */
  seal({ number, executed, room }: SealJob): Uint8Array {
    const parent = this.#newest;
    this.#newest = undefined;
    try {
      if (parent?.number !== number - 1) throw new MvmError("not-pending", `Block ${number} has no sealed parent.`);
      const roots = this.#slot.request(this.#changes, "seal_executed", onParent(parent.headerRlp, executed));
      const sealed = joinSealed(executed, roots, roomIn(room));
      const { hash, headerRlp, changes } = readSealed(sealed);
      this.#changes.add(number, changes);
      this.#newest = { number, headerRlp };
      this.#board.put(number, hash);
      return sealed;
    } catch (error) {
      this.#board.close();
      throw error;
    } finally {
      this.#slot.trim();
    }
  }

  /** Block `number`, the oldest of those that were sealed here, is on disk: what it lies in may be used again. */
  written(number: number): void {
    this.#chain.database.refresh();
    this.#changes.drop(number);
  }
}

const roomIn =
  (given: ArrayBufferLike | undefined): Room =>
  (length) => {
    const memory = given !== undefined && given.byteLength >= length ? given : new SharedArrayBuffer(pieceOf(length));
    return new Uint8Array(memory, 0, length);
  };
