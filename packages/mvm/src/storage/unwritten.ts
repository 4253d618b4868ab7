import { keccak256 } from "viem/utils";
import { trimZeros } from "../bytes.ts";
import type { AccountChange, StateDiff } from "./diff.ts";
import { nodeKey, storageKey, storageTrieKey } from "./keys.ts";
import type { StateView } from "./state.ts";

/** What a block left under a key; `undefined`: nothing. */
interface Entry {
  readonly value: Uint8Array | undefined;
  readonly block: number;
}

type Entries = Map<string, Entry>;

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

const valueOrNothing = (value: Uint8Array): Uint8Array | undefined => (value.length === 0 ? undefined : value);

/**
 * The newest state while its last blocks are not in the database yet: their changes, and below them what the database
 * holds. Blocks are added in order and dropped in order; one may be both here and there, with the same content.
 */
export class UnwrittenState implements StateView {
  readonly #stored: StateView;
  readonly #accounts: Entries = new Map();
  readonly #storage: Entries = new Map();
  readonly #nodes: Entries = new Map();
  readonly #codes: Entries = new Map();
  /** Newest block that ended all storage of an address, or all nodes of a storage trie: what is older there is gone. */
  readonly #wiped: Entries = new Map();
  readonly #written = new Map<number, (readonly [entries: Entries, key: string])[]>();

  constructor(stored: StateView) {
    this.#stored = stored;
  }

  account(address: Uint8Array): Uint8Array | undefined {
    const entry = this.#accounts.get(text(address));
    return entry === undefined ? this.#stored.account(address) : entry.value;
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    if (this.#written.size === 0) return this.#stored.storage(address, slot);
    const entry = this.#live(this.#storage.get(text(storageKey(address, slot))), address);
    return entry === undefined ? this.#stored.storage(address, slot) : entry.value;
  }

  node(owner: Uint8Array, path: Uint8Array): Uint8Array | undefined {
    if (this.#written.size === 0) return this.#stored.node(owner, path);
    const entry = this.#live(this.#nodes.get(text(nodeKey(owner, path))), storageTrieKey(owner));
    return entry === undefined ? this.#stored.node(owner, path) : entry.value;
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#codes.get(text(hash))?.value ?? this.#stored.code(hash);
  }

  /** Puts what `block`, the next one, changed above everything before. Views of `diff` are kept. */
  add(block: number, diff: StateDiff): void {
    this.#written.set(block, []);
    for (const { hash, code } of diff.codes) this.#put(this.#codes, text(hash), code, block);
    for (const change of diff.accounts) this.#addAccount(change, block);
    for (const { owner, path, node } of diff.nodes)
      this.#put(this.#nodes, text(nodeKey(owner, path)), valueOrNothing(node), block);
  }

  /** Forgets the changes of `block`, the oldest one here, which the database holds now. */
  drop(block: number): void {
    for (const [entries, key] of this.#written.get(block) ?? [])
      if (entries.get(key)?.block === block) entries.delete(key);
    this.#written.delete(block);
  }

  #addAccount({ address, fate, account, slots }: AccountChange, block: number): void {
    if (fate !== "set") {
      this.#put(this.#wiped, text(address), undefined, block);
      this.#put(this.#wiped, text(storageTrieKey(keccak256(address, "bytes"))), undefined, block);
    }
    this.#put(this.#accounts, text(address), valueOrNothing(account), block);
    for (const { slot, value } of slots)
      this.#put(this.#storage, text(storageKey(address, slot)), valueOrNothing(trimZeros(value)), block);
  }

  #put(entries: Entries, key: string, value: Uint8Array | undefined, block: number): void {
    entries.set(key, { value, block });
    this.#written.get(block)!.push([entries, key]);
  }

  /** What counts of `entry`: what stands below a wipe of `owner` is gone. */
  #live(entry: Entry | undefined, owner: Uint8Array): Entry | undefined {
    if (this.#wiped.size === 0) return entry;
    const wipe = this.#wiped.get(text(owner));
    return entry === undefined || (wipe !== undefined && wipe.block > entry.block) ? (wipe ?? entry) : entry;
  }
}
