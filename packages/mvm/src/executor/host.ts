import { padStart } from "../bytes.ts";
import { recoverKey, type KernelHost, type RecoveryTable } from "../kernel/index.ts";
import type { StateView } from "../storage/state.ts";

/** Reads that a kernel does while it runs. Which state they see is set before each request. */
export class StateHost implements KernelHost {
  /** The state that execution starts from. */
  view: StateView | undefined;
  /** Hash of a block of the chain, 32 bytes. */
  blockHashOf: (number: number) => Uint8Array | undefined;
  readonly #log: (level: number, text: string) => void;
  readonly #recoveries: RecoveryTable | undefined;
  /** What a read threw: the kernel is lost then, and the cause counts, not the trap. */
  failure: unknown;

  /** `recoveries`: keys that other threads have recovered; what this one recovers goes there, too. */
  constructor(
    blockHashOf: (number: number) => Uint8Array | undefined,
    log: (level: number, text: string) => void,
    recoveries?: RecoveryTable,
  ) {
    this.blockHashOf = blockHashOf;
    this.#log = log;
    this.#recoveries = recoveries;
  }

  #read<Result>(read: (view: StateView) => Result): Result {
    try {
      if (this.view === undefined) throw new Error("the kernel read state outside a request");
      return read(this.view);
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  account(address: Uint8Array): Uint8Array | undefined {
    return this.#read((view) => view.account(address));
  }

  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined {
    const value = this.#read((view) => view.storage(address, slot));
    return value && padStart(value, 32);
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#read((view) => view.code(hash));
  }

  blockHash(number: bigint): Uint8Array | undefined {
    return this.#read(() => this.blockHashOf(Number(number)));
  }

  trieNode(owner: Uint8Array, path: Uint8Array): Uint8Array | undefined {
    return this.#read((view) => view.node(owner, path));
  }

  ecrecover(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | null | undefined {
    return this.#recoveries?.get(message, signature, recid) ?? this.#recover(message, signature, recid);
  }

  #recover(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | null | undefined {
    const key = recoverKey(message, signature, recid);
    if (key) this.#recoveries?.put(message, signature, recid, key);
    return key;
  }

  log(level: number, text: string): void {
    this.#log(level, text);
  }
}
