import { predeploys } from "@metis/protocol";
import { equalBytes, fromHex, toBigInt } from "../bytes.ts";
import type { StateView } from "../storage/state.ts";
import { UnwrittenState } from "../storage/unwritten.ts";

/** EIP-2935: the contract that keeps the hashes of the last blocks, each in the slot of its number modulo `ringLength`. */
const historyContract = fromHex(predeploys.history);
const ringLength = 8191n;

/**
 * The state of the newest block while the roots of its last ones are not known: what those blocks changed, and below it what is
 * on disk. Storage roots say no more than whether there is storage, and nobody asks for trie nodes.
 */
export class RootlessState implements StateView {
  readonly #stored: StateView;
  readonly #changes: UnwrittenState;
  /** Blocks that leave their parent's hash to whoever seals them. */
  readonly #late = new Set<number>();
  readonly #hash: (number: number) => Uint8Array | undefined;

  /** `hash`: of a block of the chain; it may wait until that is sealed. */
  constructor(stored: StateView, hash: (number: number) => Uint8Array | undefined) {
    this.#stored = stored;
    this.#changes = new UnwrittenState(stored);
    this.#hash = hash;
  }

  account(address: Uint8Array): Uint8Array | undefined {
    return this.#changes.account(address);
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    const parent = this.#late.size === 0 ? undefined : this.#lateAt(address, slot);
    return parent === undefined ? this.#changes.storage(address, slot) : this.#hash(parent);
  }

  node(owner: Uint8Array, path: Uint8Array): Uint8Array | undefined {
    return this.#stored.node(owner, path);
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#changes.code(hash);
  }

  /** Puts `changes` of block `number`, the next one, above everything before. `isLate`: the parent's hash is missing in them. */
  add(number: number, changes: Uint8Array, isLate: boolean): void {
    this.#changes.add(number, changes);
    if (isLate) this.#late.add(number);
  }

  /** Forgets block `number`, the oldest one here, which is on disk now. */
  drop(number: number): void {
    this.#changes.drop(number);
    this.#late.delete(number);
  }

  /** Number of the block whose hash belongs into the slot. */
  #lateAt(address: Uint8Array, slot: Uint8Array): number | undefined {
    if (!equalBytes(address, historyContract)) return undefined;
    const place = toBigInt(slot);
    for (const number of this.#late) if (BigInt(number - 1) % ringLength === place) return number - 1;
    return undefined;
  }
}
