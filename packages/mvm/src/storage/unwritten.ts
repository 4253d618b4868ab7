import { keccak256 } from "viem/utils";
import { ChangeCursor, changeKind, changeName, type ChangeKind } from "./changes.ts";
import { nodeKey, storageKey, storageTrieKey } from "./keys.ts";
import type { StateView } from "./state.ts";

/** What a block left under a key; empty: nothing. */
interface Entry {
  readonly value: Uint8Array;
  readonly block: number;
}

type Entries = Map<string, Entry>;

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

const nothing = new Uint8Array();

/**
 * The newest state while its last blocks are not in the database yet: their changes, and below them what the database
 * holds. Blocks are added in order and dropped in order; one may be both here and there, with the same content.
 */
export class UnwrittenState implements StateView {
  readonly #stored: StateView;
  /** By `changeName`. */
  readonly #entries: Entries = new Map();
  /** Newest block that ended all storage of an address, or all nodes of a storage trie: what is older there is gone. */
  readonly #wiped: Entries = new Map();
  readonly #written = new Map<number, (readonly [entries: Entries, key: string])[]>();
  /** The newest blocks whose changes nobody has looked through yet: often nobody ever does. */
  readonly #unread = new Map<number, Uint8Array>();

  constructor(stored: StateView) {
    this.#stored = stored;
  }

  account(address: Uint8Array): Uint8Array | undefined {
    const entry = this.#find(changeKind.account, address);
    return entry === undefined ? this.#stored.account(address) : valueOf(entry);
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    if (this.#written.size === 0) return this.#stored.storage(address, slot);
    const entry = this.#live(this.#find(changeKind.slot, storageKey(address, slot)), address);
    return entry === undefined ? this.#stored.storage(address, slot) : valueOf(entry);
  }

  node(owner: Uint8Array, path: Uint8Array): Uint8Array | undefined {
    if (this.#written.size === 0) return this.#stored.node(owner, path);
    const found = this.#find(changeKind.node, nodeKey(owner, path));
    const entry = this.#wiped.size === 0 ? found : this.#live(found, storageTrieKey(owner));
    return entry === undefined ? this.#stored.node(owner, path) : valueOf(entry);
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#find(changeKind.code, hash)?.value ?? this.#stored.code(hash);
  }

  /** Puts `changes` (`ChangeCursor`) of `block`, the next one, above everything before. Views of them are kept. */
  add(block: number, changes: Uint8Array): void {
    this.#written.set(block, []);
    this.#unread.set(block, changes);
  }

  /** Forgets the changes of `block`, the oldest one here, which the database holds now. */
  drop(block: number): void {
    this.#unread.delete(block);
    for (const [entries, key] of this.#written.get(block) ?? [])
      if (entries.get(key)?.block === block) entries.delete(key);
    this.#written.delete(block);
  }

  #read(block: number, changes: Uint8Array): void {
    const cursor = new ChangeCursor(changes);
    while (cursor.next()) {
      if (cursor.kind === changeKind.wipe) {
        const address = cursor.key;
        this.#put(this.#wiped, text(address), nothing, block);
        this.#put(this.#wiped, text(storageTrieKey(keccak256(address, "bytes"))), nothing, block);
      } else this.#put(this.#entries, cursor.name, cursor.after, block);
    }
  }

  #find(kind: ChangeKind, key: Uint8Array): Entry | undefined {
    for (const [block, changes] of this.#unread) this.#read(block, changes);
    this.#unread.clear();
    return this.#entries.get(changeName(kind, key));
  }

  #put(entries: Entries, key: string, value: Uint8Array, block: number): void {
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

const valueOf = ({ value }: Entry): Uint8Array | undefined => (value.length === 0 ? undefined : value);
