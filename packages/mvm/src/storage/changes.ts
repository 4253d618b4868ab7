import { equalBytes } from "../bytes.ts";

/** What a change is about (docs/spec/kernel.md, "Changes"). */
export const changeKind = { account: 0, slot: 1, node: 2, code: 3, wipe: 4 } as const;
export type ChangeKind = (typeof changeKind)[keyof typeof changeKind];

/** One entry of a block's changes. An empty value stands for nothing. */
export interface Change {
  readonly kind: ChangeKind;
  /**
   * Account, wipe: address. Slot: address ‖ slot. Node: `nodeKey`. Code: its keccak256. A wipe ends all storage and all trie
   * nodes that the account had before the block, without naming them; it stands before the account's other changes.
   */
  readonly key: Uint8Array;
  /** In the parent's state, or after the wipe. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

const headLength = 2;
const sizeLength = 4;

const readSize = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/**
 * Goes through entries `kind ‖ length of the key ‖ key ‖ length (4) ‖ before [‖ length (4) ‖ after]`, one after the other and
 * without an object for each: a block has thousands. Views are of the bytes given.
 */
export class ChangeCursor {
  readonly #bytes: Buffer;
  readonly #hasAfter: boolean;
  #start = 0;
  #keyEnd = 0;
  #beforeEnd = 0;
  #end = 0;

  /** `hasAfter`: false for entries that end with `before`, as history keeps them. */
  constructor(bytes: Uint8Array, hasAfter = true) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#hasAfter = hasAfter;
  }

  /** Goes to the next entry, the first one to begin with; false after the last. Throws `RangeError` on a damaged one. */
  next(): boolean {
    const bytes = this.#bytes;
    this.#start = this.#end;
    if (this.#start >= bytes.length) return false;
    this.#keyEnd = this.#start + headLength + bytes[this.#start + 1]!;
    this.#beforeEnd = this.#keyEnd + sizeLength + readSize(bytes, this.#keyEnd);
    this.#end = this.#hasAfter ? this.#beforeEnd + sizeLength + readSize(bytes, this.#beforeEnd) : this.#beforeEnd;
    if (!(this.#end <= bytes.length)) throw new RangeError("changes that end within an entry");
    return true;
  }

  get kind(): ChangeKind {
    return this.#bytes[this.#start]! as ChangeKind;
  }

  get key(): Buffer {
    return this.#bytes.subarray(this.#start + headLength, this.#keyEnd);
  }

  /** Kind, length of the key and key: as text for maps (`changeName`). */
  get name(): string {
    return this.#bytes.toString("latin1", this.#start, this.#keyEnd);
  }

  get before(): Buffer {
    return this.#bytes.subarray(this.#keyEnd + sizeLength, this.#beforeEnd);
  }

  get after(): Buffer {
    return this.#bytes.subarray(this.#beforeEnd + sizeLength, this.#end);
  }

  /** The entry without `after`. */
  get past(): Buffer {
    return this.#bytes.subarray(this.#start, this.#beforeEnd);
  }

  /** Whether the entry is about `key`. */
  is(kind: ChangeKind, key: Uint8Array): boolean {
    return this.kind === kind && this.#keyEnd - this.#start === headLength + key.length && equalBytes(this.key, key);
  }
}

/** Names a key among those of all kinds. */
export function changeName(kind: ChangeKind, key: Uint8Array): string {
  const head = Buffer.allocUnsafe(headLength + key.length);
  head[0] = kind;
  head[1] = key.length;
  head.set(key, headLength);
  return head.toString("latin1");
}

/** All entries; for readers that are not in a hurry. */
export function* changesOf(bytes: Uint8Array): Generator<Change> {
  const cursor = new ChangeCursor(bytes);
  while (cursor.next()) yield { kind: cursor.kind, key: cursor.key, before: cursor.before, after: cursor.after };
}

function sized(value: Uint8Array): Uint8Array[] {
  const size = Buffer.allocUnsafe(sizeLength);
  size.writeUInt32BE(value.length);
  return [size, value];
}

/** An entry as history keeps it. */
export const encodePast = (kind: ChangeKind, key: Uint8Array, before: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of(kind, key.length), key, ...sized(before)]);

/** Inverse of `changesOf`. */
export const encodeChanges = (changes: Iterable<Change>): Buffer =>
  Buffer.concat(
    Array.from(changes, ({ kind, key, before, after }) =>
      Buffer.concat([encodePast(kind, key, before), ...sized(after)]),
    ),
  );
