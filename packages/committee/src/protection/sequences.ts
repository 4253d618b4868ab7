import type { Generation, Hash } from "@metis/protocol";
import type { Store, StoreOp } from "@metis/runtime";
import { bytesToHex, concatBytes, hexToBytes, numberToBytes } from "viem";
import type { Address } from "viem";
import { CommitteeError } from "../errors.ts";

/** One receipt that a key signed or may have signed. */
export interface SignedSequence {
  readonly generation: Generation;
  readonly sequence: bigint;
  readonly digest: Hash;
}

const prefix = new TextEncoder().encode("sequences\0");
/** Sequences behind the highest one that are remembered; a receipt lives for 256 blocks. */
const remembered = 1n << 18n;

/**
 * Lets a key sign at most one receipt for each sequence of a generation (docs/spec/receipts.md, "sequence twice"). `admit` returns when
 * the record survives a power cut. What lies further behind the highest sequence than is remembered is refused.
 */
export class SequenceGuard {
  readonly #store: Store;
  readonly #signer: Uint8Array;
  /** Records on their way to the disk. */
  readonly #writing = new Map<string, Hash>();

  /** `signer` separates keys within one store. */
  constructor(store: Store, signer: Address) {
    this.#store = store;
    this.#signer = hexToBytes(signer);
  }

  /** Throws `double-sign` or `not-monotone`; then nothing must be signed. */
  async admit({ generation, sequence, digest }: SignedSequence): Promise<void> {
    const key = this.#key(generation, sequence);
    const place = bytesToHex(key);
    const stored = this.#store.get(key);
    const known = this.#writing.get(place) ?? (stored && bytesToHex(stored));
    if (known !== undefined && known !== digest)
      throw new CommitteeError("double-sign", "halt", `refused to sign a second receipt for sequence ${sequence}`, {
        generation,
        sequence,
      });
    if (stored) return;
    const highest = this.#highest(generation);
    if (sequence + remembered <= highest)
      throw new CommitteeError("not-monotone", "reject", `sequence ${sequence} is too far behind ${highest}`, {
        generation,
        sequence,
        highest,
      });
    this.#writing.set(place, digest);
    try {
      await this.#store.write([
        { kind: "put", key, value: hexToBytes(digest) },
        ...this.#outdated(generation, sequence),
      ]);
    } finally {
      this.#writing.delete(place);
    }
  }

  #highest(generation: Generation): bigint {
    const range = { from: this.#key(generation, 0n), to: this.#key(generation + 1, 0n) };
    const [last] = this.#store.entries({ ...range, reverse: true, limit: 1 });
    return last ? new DataView(last[0].buffer, last[0].byteOffset).getBigUint64(last[0].length - 8) : 0n;
  }

  #outdated(generation: Generation, sequence: bigint): StoreOp[] {
    return sequence < remembered ? [] : [{ kind: "delete", key: this.#key(generation, sequence - remembered) }];
  }

  #key(generation: Generation, sequence: bigint): Uint8Array {
    const place = [numberToBytes(generation, { size: 4 }), numberToBytes(sequence, { size: 8 })];
    return concatBytes([prefix, this.#signer, ...place]);
  }
}
