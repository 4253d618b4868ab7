/** Pieces are not smaller, so that blocks of a few transactions can take each other's. */
const smallest = 64 * 1024;
/** Pieces that wait for a block. */
const maxFree = 8;

/**
 * Shared memory for what the kernel makes of blocks. Every thread reads a block where it lies, and its memory serves another one
 * when the block is on disk: nothing is copied, nothing is left for a collector.
 */
export class AnswerMemory {
  /** Smallest first. */
  readonly #free: SharedArrayBuffer[] = [];

  /** `length` bytes of any content. */
  readonly take = (length: number): Uint8Array => {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length);
    const [found] = at === -1 ? [] : this.#free.splice(at, 1);
    return new Uint8Array(found ?? new SharedArrayBuffer(pieceOf(length)), 0, length);
  };

  /** Takes back what `take` gave; nobody reads it any more. */
  release(bytes: Uint8Array): void {
    this.#free.push(bytes.buffer as SharedArrayBuffer);
    this.#free.sort((a, b) => a.byteLength - b.byteLength);
    if (this.#free.length > maxFree) this.#free.shift();
  }
}

const pieceOf = (length: number): number => Math.max(smallest, 2 ** Math.ceil(Math.log2(length)));
