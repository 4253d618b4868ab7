/** Rows of the table: a batch of the smallest transactions has about 10,000 signatures. A power of two. */
const rows = 1 << 16;
const messageLength = 32;
const signatureLength = 64;
const keyLength = 64;
/** message ‖ signature ‖ recovery id + 1 (0: the row is empty) ‖ public key, rounded up to whole words. */
const rowLength = 164;
const recidAt = messageLength + signatureLength;
const keyAt = recidAt + 1;

/**
 * Public keys that some thread has recovered, for all threads of an engine: a table in shared memory, 11 MiB when full.
 * A row is found by its message's first bytes and keeps the newest entry; every entry holds all that it answers for, so a
 * lookup is right or finds nothing. A row that another thread holds counts as empty: nobody ever waits.
 */
export class RecoveryTable {
  /** Keys that it can hold. */
  static readonly size = rows;
  readonly #locks: Int32Array;
  readonly #rows: Uint8Array;

  /** Memory for a table, to be given to every thread. */
  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(rows * (Int32Array.BYTES_PER_ELEMENT + rowLength));
  }

  constructor(memory: SharedArrayBuffer) {
    this.#locks = new Int32Array(memory, 0, rows);
    this.#rows = new Uint8Array(memory, rows * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Public key (64 bytes) of exactly these arguments, if it is at hand. */
  get(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | undefined {
    return this.#holding(message, (row) => {
      if (row[recidAt] !== recid + 1) return undefined;
      const same = equalAt(row, 0, message, messageLength) && equalAt(row, messageLength, signature, signatureLength);
      return same ? row.slice(keyAt, keyAt + keyLength) : undefined;
    });
  }

  /** Keeps `key`, 64 bytes. */
  put(message: Uint8Array, signature: Uint8Array, recid: number, key: Uint8Array): void {
    this.#holding(message, (row) => {
      row.set(message, 0);
      row.set(signature, messageLength);
      row[recidAt] = recid + 1;
      row.set(key, keyAt);
    });
  }

  #holding<Result>(message: Uint8Array, action: (row: Uint8Array) => Result): Result | undefined {
    const index = ((message[0]! << 16) | (message[1]! << 8) | message[2]!) & (rows - 1);
    if (Atomics.compareExchange(this.#locks, index, 0, 1) !== 0) return undefined;
    try {
      return action(this.#rows.subarray(index * rowLength, (index + 1) * rowLength));
    } finally {
      Atomics.store(this.#locks, index, 0);
    }
  }
}

function equalAt(row: Uint8Array, at: number, bytes: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (row[at + i] !== bytes[i]) return false;
  return true;
}
