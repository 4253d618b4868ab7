import { hashLength } from "../storage/keys.ts";

/** Newest blocks whose hashes are kept. */
const places = 64;

/** Words before the block numbers of the places: how often something was put up, and whether nothing will be any more. */
const changesWord = 0;
const closedWord = 1;
const headWords = 2;

/** Hashes of blocks in memory that threads share: one puts them up, others wait for them. */
export class HashBoard {
  readonly #words: Int32Array;
  readonly #hashes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    const words = headWords + places;
    this.#words = new Int32Array(memory, 0, words);
    this.#hashes = new Uint8Array(memory, words * Int32Array.BYTES_PER_ELEMENT);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer((headWords + places) * Int32Array.BYTES_PER_ELEMENT + places * hashLength);
  }

  /** Takes everything down: the chain may go another way. For the thread that waits, while nobody puts anything up. */
  clear(): void {
    this.#words.fill(0, headWords);
    Atomics.store(this.#words, closedWord, 0);
  }

  /** Puts up the hash of block `number`, which is not 0. */
  put(number: number, hash: Uint8Array): void {
    const place = number % places;
    this.#hashes.set(hash, place * hashLength);
    Atomics.store(this.#words, headWords + place, number | 0);
    this.#changed();
  }

  /** Whoever waits, or will, is told that nothing comes any more. */
  close(): void {
    Atomics.store(this.#words, closedWord, 1);
    this.#changed();
  }

  /**
   * Hash of block `number`: a copy, once it is there. The thread stands still meanwhile, for `patience` milliseconds at most from
   * one change of the board to the next; `undefined` when that is over, or when the board is closed without it.
   */
  wait(number: number, patience: number): Uint8Array | undefined {
    const place = number % places;
    for (let isOver = false; ;) {
      const changes = Atomics.load(this.#words, changesWord);
      if (Atomics.load(this.#words, headWords + place) === (number | 0))
        return this.#hashes.slice(place * hashLength, (place + 1) * hashLength);
      if (isOver || Atomics.load(this.#words, closedWord) === 1) return undefined;
      isOver = Atomics.wait(this.#words, changesWord, changes, patience) === "timed-out";
    }
  }

  #changed(): void {
    Atomics.add(this.#words, changesWord, 1);
    Atomics.notify(this.#words, changesWord);
  }
}
