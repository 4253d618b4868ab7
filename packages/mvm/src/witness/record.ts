import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { equalBytes, fromHex, padStart, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { recoverKey, type KernelHost } from "../kernel/index.ts";
import type { BlockStore } from "../storage/blocks.ts";
import type { StateView } from "../storage/state.ts";
import { emptyTrieRoot, storageRootOf } from "../trie/account.ts";
import { findLeaf } from "../trie/node.ts";
import { WitnessSize, type ExecutionWitness } from "./witness.ts";

const accountTrie = new Uint8Array(32);

/** Answers from the state of a block's parent and remembers every preimage that the answers stand on. */
export class RecordingHost implements KernelHost {
  failure: unknown;
  readonly #view: StateView;
  readonly #blocks: BlockStore;
  readonly #parent: number;
  readonly #stateRoot: Uint8Array;
  readonly #nodes = new Map<Hex, Hex>();
  readonly #codes = new Map<Hex, Hex>();
  readonly #keys = new Set<Hex>();
  readonly #size: WitnessSize;
  #oldestHeader: number;

  /** `view`: the state after block `parent`, whose header says `stateRoot`. */
  constructor(view: StateView, blocks: BlockStore, parent: number, stateRoot: Uint8Array, size: WitnessSize) {
    this.#size = size;
    this.#view = view;
    this.#blocks = blocks;
    this.#parent = parent;
    this.#oldestHeader = parent;
    this.#stateRoot = stateRoot;
  }

  /** Everything seen so far, sorted: the same block gives the same witness. */
  witness(): ExecutionWitness {
    const numbers = Array.from({ length: this.#parent - this.#oldestHeader + 1 }, (_, i) => this.#oldestHeader + i);
    return {
      state: [...this.#nodes.values()].toSorted(),
      codes: [...this.#codes.values()].toSorted(),
      keys: [...this.#keys].toSorted(),
      headers: numbers.map((number) => this.#blocks.header(number)!.headerRlp),
    };
  }

  account(address: Uint8Array): Uint8Array | undefined {
    return this.#guarded(() => {
      this.#walk(accountTrie, this.#stateRoot, address);
      return this.#view.account(address);
    });
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    return this.#guarded(() => {
      const account = this.#view.account(address);
      if (account === undefined) return undefined;
      this.#walk(keccak256(address, "bytes"), storageRootOf(account), slot);
      const value = this.#view.storage(address, slot);
      return value && padStart(value, 32);
    });
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#guarded(() => {
      const code = this.#view.code(hash);
      const key = toHex(hash);
      if (code !== undefined && !this.#codes.has(key)) {
        this.#size.add(code.length);
        this.#codes.set(key, toHex(code));
      }
      return code;
    });
  }

  blockHash(number: bigint): Uint8Array | undefined {
    return this.#guarded(() => {
      const hash = this.#blocks.hash(Number(number));
      if (hash !== undefined) this.#oldestHeader = Math.min(this.#oldestHeader, Number(number));
      return hash;
    });
  }

  trieNode(owner: Uint8Array, path: Uint8Array, hash: Uint8Array): Uint8Array {
    return this.#guarded(() => this.#node(owner, path, hash));
  }

  ecrecover(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | null | undefined {
    return recoverKey(message, signature, recid);
  }

  #guarded<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }

  /** Remembers the nodes from the root to `key`, or to where it is missing. */
  #walk(owner: Uint8Array, root: Uint8Array, key: Uint8Array): void {
    const preimage = toHex(key);
    this.#keys.add(preimage);
    if (equalBytes(root, emptyTrieRoot)) return;
    findLeaf(root, fromHex(keccak256(key)), (path, hash) => this.#node(owner, path, hash));
  }

  #node(owner: Uint8Array, path: Uint8Array, hash: Uint8Array): Uint8Array {
    const node = this.#view.node(owner, path);
    if (node === undefined) throw new MvmError("database-corrupt", `A trie node at ${toHex(path)} is missing.`);
    const key = toHex(hash);
    if (!this.#nodes.has(key)) {
      if (keccak256(node) !== key)
        throw new MvmError("database-corrupt", `The trie node at ${toHex(path)} is another.`);
      this.#size.add(node.length);
      this.#nodes.set(key, toHex(node));
    }
    return node;
  }
}
