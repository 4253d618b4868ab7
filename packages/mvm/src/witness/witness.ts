import { decodeRlp } from "@metis/protocol";
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { equalBytes, fromHex, padStart, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { recoverKey, type KernelHost } from "../kernel/index.ts";
import { accountFromLeaf, storageRootOf, emptyTrieRoot } from "../trie/account.ts";
import { findLeaf, type NodeLookup } from "../trie/node.ts";

/** Preimages that execute one block without a database, as execution clients exchange them. */
export interface ExecutionWitness {
  /** RLP of nodes of the account trie and of storage tries, under the state root of the parent. */
  readonly state: readonly Hex[];
  /** Code of accounts that run or are looked at. */
  readonly codes: readonly Hex[];
  /** What was hashed into trie keys: addresses (20 bytes) and slots (32 bytes). Execution does not need them. */
  readonly keys: readonly Hex[];
  /** RLP of headers, oldest first, without gaps; the last is the parent's. */
  readonly headers: readonly Hex[];
  /** RLP of the L1 header that an L2 block is anchored to; absent in pure mode. */
  readonly anchorHeader?: Hex;
}

/**
 * Most bytes of nodes and codes of one witness. Each counts as 32 at least, what nodes that are hashed have: their number is bounded
 * as well.
 */
const maxBytes = 32 * 1024 * 1024;
const leastBytes = 32;

/** Adds up what a witness holds. */
export class WitnessSize {
  readonly #most: number;
  #bytes = 0;

  constructor(most = maxBytes) {
    this.#most = most;
  }

  /** Throws `MvmError` "witness-too-large" when the nodes and codes, `length` bytes of them new, are more than a witness may hold. */
  add(length: number): void {
    this.#bytes += Math.max(length, leastBytes);
    if (this.#bytes > this.#most)
      throw new MvmError(
        "witness-too-large",
        `A witness holds at most ${this.#most} bytes of trie nodes and code, and this one is larger.`,
      );
  }
}

const zeroOwner = new Uint8Array(32);
const numberField = 8;
const parentField = 0;
const stateRootField = 3;

const bad = (message: string): MvmError => new MvmError("witness-invalid", message);

/**
 * A host that knows nothing but preimages. Each one counts as what its keccak256 says, so that changed bytes are simply not the
 * ones asked for; what is asked for in vain fails with "witness-incomplete". Preimages that nothing asks for are ignored.
 */
export class WitnessHost implements KernelHost {
  /** Why the last read failed; the kernel's own error follows from it. */
  failure: unknown;
  readonly #preimages = new Map<string, Uint8Array>();
  /** Hashes of the headers, by number. */
  readonly #hashes = new Map<bigint, Uint8Array>();
  readonly #accounts = new Map<string, Uint8Array | undefined>();
  readonly #stateRoot: Uint8Array;

  /** `parentHash`: the block before the one to execute, from whom one trusts. Throws `MvmError` "witness-invalid" or "witness-too-large". */
  constructor(witness: ExecutionWitness, parentHash: Hex) {
    const size = new WitnessSize();
    for (const preimages of [witness.state, witness.codes])
      for (const preimage of preimages) size.add(preimage.length / 2 - 1);
    for (const preimage of [...witness.state, ...witness.codes]) {
      const bytes = fromHex(preimage);
      this.#preimages.set(keccak256(bytes), bytes);
    }
    this.#stateRoot = this.#readHeaders(witness.headers, parentHash);
  }

  /** Headers count as far as they lead from the parent back; returns the parent's state root. */
  #readHeaders(headers: readonly Hex[], parentHash: Hex): Uint8Array {
    const byHash = new Map(headers.map((header) => [keccak256(header), header]));
    let stateRoot: Uint8Array | undefined;
    for (let hash: Hex = parentHash; ;) {
      const header = byHash.get(hash);
      if (header === undefined) break;
      const fields = decodeRlp(fromHex(header)) as readonly Uint8Array[];
      this.#hashes.set(BigInt(toHex(Buffer.concat([zeroOwner, fields[numberField]!]))), fromHex(hash));
      stateRoot ??= fields[stateRootField]!;
      hash = toHex(fields[parentField]!);
    }
    if (stateRoot === undefined) throw bad(`The witness does not hold the parent's header ${parentHash}.`);
    return stateRoot;
  }

  #find(hash: Uint8Array, what: string): Uint8Array {
    const bytes = this.#preimages.get(toHex(hash));
    if (bytes !== undefined) return bytes;
    this.failure ??= new MvmError("witness-incomplete", `The witness does not hold ${what} ${toHex(hash)}.`);
    throw this.failure;
  }

  readonly #node: NodeLookup = (_, hash) => this.#find(hash, "the trie node");

  #leaf(root: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    if (equalBytes(root, emptyTrieRoot)) return undefined;
    return findLeaf(root, keccak256(key, "bytes"), this.#node);
  }

  account(address: Uint8Array): Uint8Array | undefined {
    const key = toHex(address);
    if (!this.#accounts.has(key)) {
      const leaf = this.#leaf(this.#stateRoot, address);
      this.#accounts.set(key, leaf && accountFromLeaf(leaf));
    }
    return this.#accounts.get(key);
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    const account = this.account(address);
    const leaf = account && this.#leaf(storageRootOf(account), slot);
    return leaf && padStart(decodeRlp(leaf) as Uint8Array, 32);
  }

  code(hash: Uint8Array): Uint8Array {
    return this.#find(hash, "code");
  }

  blockHash(number: bigint): Uint8Array {
    const hash = this.#hashes.get(number);
    if (hash !== undefined) return hash;
    this.failure ??= new MvmError("witness-incomplete", `The witness does not hold the header of block ${number}.`);
    throw this.failure;
  }

  trieNode(_owner: Uint8Array, _path: Uint8Array, hash: Uint8Array): Uint8Array {
    return this.#find(hash, "the trie node");
  }

  ecrecover(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | null | undefined {
    return recoverKey(message, signature, recid);
  }
}
