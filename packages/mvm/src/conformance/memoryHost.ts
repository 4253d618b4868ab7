import { keccak256 } from "viem/utils";
import { padStart, toHex } from "../bytes.ts";
import type { KernelHost } from "../kernel/index.ts";
import type { StateDiff } from "../storage/diff.ts";

const key = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

/** A chain's state in memory, enough to run a kernel on. */
export class MemoryHost implements KernelHost {
  readonly #accounts = new Map<string, Uint8Array>();
  readonly #storage = new Map<string, Map<string, Uint8Array>>();
  readonly #codes = new Map<string, Uint8Array>();
  /** By owner, then path. */
  readonly #nodes = new Map<string, Map<string, Uint8Array>>();
  /** Hash of a block by its number. */
  blockHashes: (number: bigint) => Uint8Array | undefined = () => undefined;

  /** Writes what a block changed. */
  apply(diff: StateDiff): void {
    for (const { address, fate, account, slots } of diff.accounts) {
      if (fate !== "set") {
        this.#storage.delete(key(address));
        this.#nodes.delete(key(Buffer.from(keccak256(address).slice(2), "hex")));
      }
      if (fate === "removed") this.#accounts.delete(key(address));
      else this.#accounts.set(key(address), Uint8Array.from(account));
      for (const { slot, value } of slots) this.#setSlot(address, slot, value);
    }
    for (const { hash, code } of diff.codes) this.#codes.set(key(hash), Uint8Array.from(code));
    for (const { owner, path, node } of diff.nodes) this.#setNode(owner, path, node);
  }

  #setSlot(address: Uint8Array, slot: Uint8Array, value: Uint8Array): void {
    const slots = this.#storage.get(key(address)) ?? new Map<string, Uint8Array>();
    this.#storage.set(key(address), slots);
    if (value.length === 0) slots.delete(key(slot));
    else slots.set(key(slot), Uint8Array.from(padStart(value, 32)));
  }

  #setNode(owner: Uint8Array, path: Uint8Array, node: Uint8Array): void {
    const nodes = this.#nodes.get(key(owner)) ?? new Map<string, Uint8Array>();
    this.#nodes.set(key(owner), nodes);
    if (node.length === 0) nodes.delete(key(path));
    else nodes.set(key(path), Uint8Array.from(node));
  }

  account(address: Uint8Array): Uint8Array | undefined {
    return this.#accounts.get(key(address));
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    return this.#storage.get(key(address))?.get(key(slot));
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#codes.get(key(hash));
  }

  blockHash(number: bigint): Uint8Array | undefined {
    return this.blockHashes(number);
  }

  /** Throws when the node at the path is not the one its parent names: the difference of an earlier block was wrong. */
  trieNode(owner: Uint8Array, path: Uint8Array, hash: Uint8Array): Uint8Array | undefined {
    const node = this.#nodes.get(key(owner))?.get(key(path));
    if (node !== undefined && keccak256(node) !== toHex(hash)) throw new Error(`stale trie node at ${toHex(path)}`);
    return node;
  }
}
