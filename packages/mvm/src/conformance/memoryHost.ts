import { keccak256 } from "viem/utils";
import { equalBytes, padStart, toHex } from "../bytes.ts";
import type { KernelHost } from "../kernel/index.ts";
import { changeKind, changesOf, type Change } from "../storage/changes.ts";
import { addressLength, hashLength, nodeKey, storageKey, storageTrieKey } from "../storage/keys.ts";

const key = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

type Rows = Map<string, Uint8Array>;

/** The rows of one account or trie. */
function within(tables: Map<string, Rows>, owner: Uint8Array): Rows {
  const rows = tables.get(key(owner)) ?? new Map<string, Uint8Array>();
  tables.set(key(owner), rows);
  return rows;
}

/** What the keys of all nodes of a trie begin with. */
const trieOf = (name: Uint8Array): Uint8Array => name.subarray(0, name[0] === 0 ? 1 : 1 + hashLength);

/** A chain's state in memory, enough to run a kernel on. */
export class MemoryHost implements KernelHost {
  readonly #accounts = new Map<string, Uint8Array>();
  readonly #storage = new Map<string, Map<string, Uint8Array>>();
  readonly #codes = new Map<string, Uint8Array>();
  /** By trie, then key. */
  readonly #nodes = new Map<string, Map<string, Uint8Array>>();
  /** Hash of a block by its number. */
  blockHashes: (number: bigint) => Uint8Array | undefined = () => undefined;

  /** Writes what a block changed. Throws when something was not before what the changes say it was. */
  apply(changes: Uint8Array): void {
    for (const change of changesOf(changes)) {
      const rows = this.#rowsOf(change);
      if (change.kind === changeKind.wipe) {
        this.#storage.delete(key(change.key));
        this.#nodes.delete(key(storageTrieKey(keccak256(change.key, "bytes"))));
      } else if (change.kind === changeKind.code) this.#codes.set(key(change.key), Uint8Array.from(change.after));
      else {
        const name = key(change.key);
        const before = rows.get(name) ?? new Uint8Array();
        if (!equalBytes(before, change.before))
          throw new Error(
            `the change of ${toHex(change.key)} says that there was ${toHex(change.before)}, not ${toHex(before)}`,
          );
        if (change.after.length === 0) rows.delete(name);
        else rows.set(name, Uint8Array.from(change.after));
      }
    }
  }

  #rowsOf({ kind, key: name }: Change): Map<string, Uint8Array> {
    if (kind === changeKind.slot) return within(this.#storage, name.subarray(0, addressLength));
    return kind === changeKind.node ? within(this.#nodes, trieOf(name)) : this.#accounts;
  }

  account(address: Uint8Array): Uint8Array | undefined {
    return this.#accounts.get(key(address));
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    const value = this.#storage.get(key(address))?.get(key(storageKey(address, slot)));
    return value && padStart(value, 32);
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#codes.get(key(hash));
  }

  blockHash(number: bigint): Uint8Array | undefined {
    return this.blockHashes(number);
  }

  /** Throws when the node at the path is not the one its parent names: the difference of an earlier block was wrong. */
  trieNode(owner: Uint8Array, path: Uint8Array, hash: Uint8Array): Uint8Array | undefined {
    const name = nodeKey(owner, path);
    const node = this.#nodes.get(key(trieOf(name)))?.get(key(name));
    if (node !== undefined && keccak256(node) !== toHex(hash)) throw new Error(`stale trie node at ${toHex(path)}`);
    return node;
  }
}
