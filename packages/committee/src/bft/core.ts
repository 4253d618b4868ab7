import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { bytesToHex, hexToBytes, keccak256 } from "viem";
import type { Address, Hex } from "viem";
import { CommitteeError } from "../errors.ts";
import type { BftEvent, BftInput, BftSet } from "./forms.ts";

/** The key of the member a core runs for, and the check of anyone's signature: 65 bytes r ‖ s ‖ v over a digest. */
export interface BftKeys {
  /** Must refuse (throw) rather than sign two different votes for one (height, round, kind). */
  sign(digest: Hex, message: Uint8Array): Hex;
  recovers(digest: Hex, signature: Hex, signer: Address): boolean;
  /** What was signed since the last log entry was lost with it, and never left: the core begins anew from its log. */
  forget?(): void;
}

/** Monotone time in nanoseconds, the core's only view of a clock. */
export type Nanoseconds = () => bigint;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly _initialize?: () => void;
  bft_alloc(length: number): number;
  bft_create(request: number, length: number): number;
  bft_step(core: number, request: number, length: number): number;
  bft_replay(core: number, request: number, length: number): number;
}

let compiled: WebAssembly.Module | undefined;

/** The kernel, compiled once a process (about 20 ms). */
function kernel(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    brotliDecompressSync(readFileSync(new URL("../../wasm/bft.wasm.br", import.meta.url))),
  );
  return compiled;
}

/**
 * One member's Tendermint core: `step(input)` returns what the host must do, and nothing else happens. It has no network, no
 * disk, no timers. Same inputs, same keys, same clock: same events.
 *
 * After a throw the core is in an unknown state: make a new one, `step` a `start` with `restart: true`, and `replay` the log.
 */
export class BftCore {
  readonly #exports: Exports;
  readonly #core: number;
  readonly #keys: BftKeys;
  #events: BftEvent[] = [];
  #hostFailure: unknown;

  /** `domain`: 32 bytes that bind chain, inbox and generation. Throws `bft-refused` when the set cannot be counted. */
  constructor(options: {
    readonly address: Address;
    readonly domain: Hex;
    readonly height: number;
    readonly set: BftSet;
    readonly keys: BftKeys;
    readonly now: Nanoseconds;
  }) {
    this.#keys = options.keys;
    const instance = new WebAssembly.Instance(kernel(), this.#imports(options.now));
    this.#exports = instance.exports as unknown as Exports;
    this.#exports._initialize?.();
    const { address, domain, height, set } = options;
    this.#core = this.#call((request, length) => this.#exports.bft_create(request, length), {
      address,
      domain,
      height,
      set,
    });
    this.#events = [];
  }

  /** Runs one input to its end. Throws `bft-refused` for an input the core cannot take; a host failure is rethrown. */
  step(input: BftInput): readonly BftEvent[] {
    this.#call((request, length) => this.#exports.bft_step(this.#core, request, length), input);
    return this.#take();
  }

  /** Feeds back the log of an interrupted height, right after `start` with `restart: true`. Its events must be acted on too. */
  replay(entries: readonly BftInput[]): readonly BftEvent[] {
    this.#call((request, length) => this.#exports.bft_replay(this.#core, request, length), entries);
    return this.#take();
  }

  #take(): readonly BftEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #call(run: (request: number, length: number) => number, value: unknown): number {
    const json = new TextEncoder().encode(JSON.stringify(value));
    const request = this.#exports.bft_alloc(json.length);
    this.#bytes(request, json.length).set(json);
    let result: number;
    try {
      result = run(request, json.length);
    } catch (error) {
      throw (
        this.#hostFailure ??
        new CommitteeError("bft-trap", "reset", `the consensus kernel trapped: ${String(error)}`, {})
      );
    } finally {
      this.#hostFailure = undefined;
    }
    if (result >= 0) return result;
    const failed = this.#take().find((event) => event.event === "failed");
    throw new CommitteeError("bft-refused", "reject", failed?.reason ?? "the consensus kernel refused an input", {});
  }

  #bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, pointer, length);
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.#hostFailure = error;
      throw error;
    }
  }

  #imports(now: Nanoseconds): WebAssembly.Imports {
    const view = (): DataView => new DataView(this.#exports.memory.buffer);
    return {
      bft: {
        sign: (message: number, length: number, signature: number) =>
          this.#guard(() => {
            const bytes = this.#bytes(message, length).slice();
            this.#bytes(signature, 65).set(hexToBytes(this.#keys.sign(keccak256(bytes), bytes)));
          }),
        verify: (message: number, length: number, signature: number, signer: number) =>
          this.#guard(() => {
            const digest = keccak256(this.#bytes(message, length).slice());
            const claimed = bytesToHex(this.#bytes(signature, 65));
            return this.#keys.recovers(digest, claimed, bytesToHex(this.#bytes(signer, 20))) ? 1 : 0;
          }),
        emit: (event: number, length: number) => {
          this.#events.push(JSON.parse(new TextDecoder().decode(this.#bytes(event, length))) as BftEvent);
        },
      },
      wasi_snapshot_preview1: {
        clock_time_get: (_clock: number, _precision: bigint, out: number) => {
          view().setBigUint64(out, now(), true);
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
