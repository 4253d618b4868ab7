import { decodeRlp } from "@metis/protocol";
import { MvmError } from "../errors.ts";

/**
 * What execution reads of the world (docs/spec/kernel.md). Arguments are views of the kernel's memory, valid during the
 * call only; results are copied. `undefined` means absent.
 */
export interface KernelHost {
  /** nonce (8) ‖ balance (32) ‖ codeHash (32) ‖ storageRoot (32). */
  account(address: Uint8Array): Uint8Array | undefined;
  /** 32 bytes. */
  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined;
  code(hash: Uint8Array): Uint8Array | undefined;
  /** 32 bytes. */
  blockHash(number: bigint): Uint8Array | undefined;
  /** RLP of a node; `owner`: zero for the account trie, else keccak256 of the address; `path`: nibbles, one a byte. */
  trieNode(owner: Uint8Array, path: Uint8Array, hash: Uint8Array): Uint8Array | undefined;
  /** Public key (64 bytes) or its address (20); `null`: there is none; `undefined`: not provided, the kernel computes it itself. */
  ecrecover?(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | null | undefined;
  log?(level: number, text: string): void;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  alloc(length: number): number;
}

/** Where the body of an answer is put: memory of exactly `length` bytes. */
export type Room = (length: number) => Uint8Array;
const ownRoom: Room = (length) => new Uint8Array(length);

const addressLength = 20;
const hashLength = 32;
const signatureLength = 64;
/** What `crypto_ecrecover` answers. */
const recovered = { nothing: 0, address: 1, notProvided: 2, publicKey: 3 } as const;

/** One instance of mvm.wasm on a host. */
export class Kernel {
  readonly #host: KernelHost;
  readonly #exports: Exports;

  constructor(module: WebAssembly.Module, host: KernelHost) {
    this.#host = host;
    this.#exports = new WebAssembly.Instance(module, { metis: this.#imports() }).exports as unknown as Exports;
  }

  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /**
   * Calls the export `name` with `request`; returns a copy of the answer's body, in `room`.
   * Throws `MvmError` with the kernel's code for a refusal, "kernel-trap" when the instance broke down and must not be
   * used again; what the host throws passes through, with the same consequence.
   */
  request(name: string, request: Uint8Array, room = ownRoom): Uint8Array {
    const answer = this.#call(name, request);
    const body = answer.subarray(1);
    if (answer[0] === 0) {
      const copy = room(body.length);
      copy.set(body);
      return copy;
    }
    const [code, message] = decodeRlp(body.slice()) as readonly Uint8Array[];
    throw new MvmError(Buffer.from(code!).toString(), Buffer.from(message!).toString());
  }

  /** The answer, as a view of the kernel's memory. */
  #call(name: string, request: Uint8Array): Uint8Array {
    const method = (this.#exports as unknown as Record<string, (at: number, length: number) => bigint>)[name];
    if (method === undefined) throw new TypeError(`mvm.wasm has no export ${name}`);
    try {
      const at = this.#exports.alloc(request.length);
      this.#view(at, request.length).set(request);
      const packed = BigInt.asUintN(64, method(at, request.length));
      return this.#view(Number(packed >> 32n), Number(packed & 0xffff_ffffn));
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw new MvmError(
        "kernel-trap",
        `The kernel broke down in ${name}: ${error.message}`,
        undefined,
        { name },
        { cause: error },
      );
    }
  }

  #view(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, at >>> 0, length);
  }

  /** Writes `bytes` into memory of the kernel's own allocator: `pointer ‖ length`; zero for nothing. */
  #give(bytes: Uint8Array | undefined): bigint {
    if (bytes === undefined || bytes.length === 0) return 0n;
    const at = this.#exports.alloc(bytes.length) >>> 0;
    this.#view(at, bytes.length).set(bytes);
    return (BigInt(at) << 32n) | BigInt(bytes.length);
  }

  #fill(at: number, bytes: Uint8Array | undefined): number {
    if (bytes === undefined) return 0;
    this.#view(at, bytes.length).set(bytes);
    return 1;
  }

  #imports(): WebAssembly.ModuleImports {
    const host = this.#host;
    const view = (at: number, length: number): Uint8Array => this.#view(at, length);
    return {
      account: (address: number, out: number) => this.#fill(out, host.account(view(address, addressLength))),
      storage: (address: number, slot: number, out: number) => {
        const value = host.storage(view(address, addressLength), view(slot, hashLength));
        if (value === undefined) view(out, hashLength).fill(0);
        else this.#fill(out, value);
      },
      code: (hash: number) => this.#give(host.code(view(hash, hashLength))),
      block_hash: (number: bigint, out: number) => this.#fill(out, host.blockHash(BigInt.asUintN(64, number))),
      trie_node: (owner: number, path: number, pathLength: number, hash: number) =>
        this.#give(host.trieNode(view(owner, hashLength), view(path, pathLength), view(hash, hashLength))),
      crypto_ecrecover: (message: number, signature: number, recid: number, out: number) => {
        const key = host.ecrecover?.(view(message, hashLength), view(signature, signatureLength), recid);
        if (key === undefined) return recovered.notProvided;
        if (key === null) return recovered.nothing;
        this.#fill(out, key);
        return key.length === addressLength ? recovered.address : recovered.publicKey;
      },
      log: (level: number, text: number, length: number) =>
        host.log?.(level, Buffer.from(view(text, length)).toString()),
    };
  }
}
