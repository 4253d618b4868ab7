/** Pieces are not smaller, so that blocks of a few transactions can take each other's. */
const smallest = 64 * 1024;
/** Pieces that wait for a block. */
const maxFree = 8;

/** Memory for what the kernel makes of blocks. A block's serves another one when it is on disk: nothing is left for a collector. */
export class AnswerMemory {
  readonly #isShared: boolean;
  /** Smallest first. */
  readonly #free: ArrayBufferLike[] = [];

  /** `isShared`: another thread commits, and reads a block where it lies. */
  constructor(isShared: boolean) {
    this.#isShared = isShared;
  }

  /** `length` bytes of any content. */
  readonly take = (length: number): Uint8Array => {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length);
    const [found] = at === -1 ? [] : this.#free.splice(at, 1);
    return new Uint8Array(found ?? this.#piece(pieceOf(length)), 0, length);
  };

  /** The largest piece that waits: for another thread, which asks for what does not fit elsewhere. */
  spare(): ArrayBufferLike | undefined {
    return this.#free.pop();
  }

  /** Takes back what `take` gave; nobody reads it any more. */
  release(bytes: Uint8Array): void {
    this.#free.push(bytes.buffer);
    this.#free.sort((a, b) => a.byteLength - b.byteLength);
    if (this.#free.length > maxFree) this.#free.shift();
  }

  #piece(length: number): ArrayBufferLike {
    return this.#isShared ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
  }
}

/** Bytes of the piece for `length` bytes. */
export const pieceOf = (length: number): number => Math.max(smallest, 2 ** Math.ceil(Math.log2(length)));
