import { MetisError } from "@metis/protocol";

export type StoreOp =
  | { readonly kind: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: Uint8Array };

/** Half-open range of keys in byte order; `reverse` walks it from the end. */
export interface KeyRange {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** Small ordered key-value store: reads are synchronous, writes are atomic batches. Keys are 1 to 1024 bytes. */
export interface Store {
  get(key: Uint8Array): Uint8Array | undefined;
  entries(range?: KeyRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /**
   * Applies all operations or none, in order. Resolves when they survive a power cut.
   * Throws `disk-full` (retry) before the disk is full, and `write-failed` (halt); nothing was written in both cases.
   */
  write(ops: readonly StoreOp[]): Promise<void>;
  /** Writes what is under way, then lets go of the files. Later calls throw `closed`. */
  close(): Promise<void>;
}

/** A store refused a call, or its disk did: `remedy` says whether to try again. */
export class StoreError extends MetisError<"closed" | "bad-key" | "corrupt" | "disk-full" | "write-failed"> {
  override readonly name = "StoreError";
}

/** Longest key in bytes. */
export const maxKeyBytes = 1024;

/** Throws `StoreError` "bad-key" unless the key has 1 to `maxKeyBytes` bytes. */
export function checkKey(key: Uint8Array): void {
  if (key.length === 0 || key.length > maxKeyBytes)
    throw new StoreError("bad-key", "reject", `key has ${key.length} bytes, allowed are 1 to ${maxKeyBytes}`, {});
}
