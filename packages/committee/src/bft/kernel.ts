import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { bytesToHex, hexToBytes, keccak256 } from "viem";
import { CommitteeError } from "../errors.ts";
import type { BftKeys, Nanoseconds } from "./core.ts";
import type { BftEvent } from "./forms.ts";

/** What the core that runs in a kernel at present asks its surroundings for. */
export interface KernelHost {
  readonly keys: BftKeys;
  readonly now: Nanoseconds;
  readonly emit: (event: BftEvent) => void;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly _initialize?: () => void;
  bft_alloc(length: number): number;
  bft_create(request: number, length: number): number;
  bft_destroy(core: number): void;
  bft_step(core: number, request: number, length: number): number;
  bft_replay(core: number, request: number, length: number): number;
}

let compiled: WebAssembly.Module | undefined;

/** The kernel's code, compiled once a process (about 20 ms). */
function compiledKernel(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    brotliDecompressSync(readFileSync(new URL("../../wasm/bft.wasm.br", import.meta.url))),
  );
  return compiled;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Kernels between two cores: an instance costs more than the height of a quiet pool that runs in it. */
const idle: Kernel[] = [];
const maxIdle = 16;
/** Cores that one instance serves, so that its memory does not age for ever. */
const maxServed = 64;

/** An instance of the consensus kernel, for one core at a time. */
export class Kernel {
  readonly exports: Exports;
  #host: KernelHost | undefined;
  #hostFailure: unknown;
  #served = 0;
  isBroken = false;

  private constructor() {
    const instance = new WebAssembly.Instance(compiledKernel(), this.#imports());
    this.exports = instance.exports as unknown as Exports;
    this.exports._initialize?.();
  }

  static take(host: KernelHost): Kernel {
    const taken = idle.pop() ?? new Kernel();
    taken.#host = host;
    return taken;
  }

  /** Frees `core`. A kernel that threw is in an unknown state, and not used again. */
  release(core: number): void {
    this.#host = undefined;
    this.#served += 1;
    if (this.isBroken || this.#served >= maxServed || idle.length >= maxIdle) return;
    this.exports.bft_destroy(core);
    idle.push(this);
  }

  /** What `run` returns for `value` as JSON in the kernel's memory. Throws `bft-trap`, or what the host threw. */
  call(run: (request: number, length: number) => number, value: unknown): number {
    const json = utf8.encode(JSON.stringify(value));
    try {
      const request = this.exports.bft_alloc(json.length);
      this.#bytes(request, json.length).set(json);
      return run(request, json.length);
    } catch (error) {
      this.isBroken = true;
      throw (
        this.#hostFailure ??
        new CommitteeError("bft-trap", "reset", `the consensus kernel trapped: ${String(error)}`, {})
      );
    } finally {
      this.#hostFailure = undefined;
    }
  }

  #bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, pointer, length);
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.#hostFailure = error;
      throw error;
    }
  }

  #imports(): WebAssembly.Imports {
    const view = (): DataView => new DataView(this.exports.memory.buffer);
    const host = (): KernelHost => this.#host!;
    return {
      bft: {
        sign: (message: number, length: number, signature: number) =>
          this.#guard(() => {
            const bytes = this.#bytes(message, length).slice();
            this.#bytes(signature, 65).set(hexToBytes(host().keys.sign(keccak256(bytes), bytes)));
          }),
        verify: (message: number, length: number, signature: number, signer: number) =>
          this.#guard(() => {
            const digest = keccak256(this.#bytes(message, length).slice());
            const claimed = bytesToHex(this.#bytes(signature, 65));
            return host().keys.recovers(digest, claimed, bytesToHex(this.#bytes(signer, 20))) ? 1 : 0;
          }),
        emit: (event: number, length: number) => {
          host().emit(JSON.parse(text.decode(this.#bytes(event, length))) as BftEvent);
        },
      },
      wasi_snapshot_preview1: {
        clock_time_get: (_clock: number, _precision: bigint, out: number) => {
          view().setBigUint64(out, host().now(), true);
          return 0;
        },
        environ_sizes_get: (count: number, size: number) => {
          view().setUint32(count, 0, true);
          view().setUint32(size, 0, true);
          return 0;
        },
        environ_get: () => 0,
        // Standard error of a panic: the trap that follows carries the news, the text is dropped.
        fd_write: (_fd: number, vectors: number, count: number, written: number) => {
          let total = 0;
          for (let index = 0; index < count; index++) total += view().getUint32(vectors + 8 * index + 4, true);
          view().setUint32(written, total, true);
          return 0;
        },
        proc_exit: (code: number) => {
          throw new Error(`exit ${code}`);
        },
      },
    };
  }
}
