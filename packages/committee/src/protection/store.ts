import type { Generation, Hash, L2BlockNumber } from "@metis/protocol";
import type { Store, StoreOp } from "@metis/runtime";
import { bytesToHex, concatBytes, hexToBytes } from "viem";
import type { Address } from "viem";
import { CommitteeError } from "../errors.ts";

/** One attestation that a key made or may have made. */
export interface SignedNumber {
  readonly generation: Generation;
  readonly number: L2BlockNumber;
  readonly digest: Hash;
}

const keyBytes = 12;
const addressBytes = 20;
const tablePrefix = new TextEncoder().encode("protection\0");

/**
 * Remembers every (generation, number) that one key signed. `admit` returns only when the record survives a power cut,
 * so a signature that left this process is always known to it after a restart.
 *
 * Rules: the same digest again is allowed; another digest for a number known is refused; a number not known must lie
 * above the highest one known, generations counting first. Hence pruning all but the highest record stays safe.
 */
export class ProtectionStore {
  readonly #store: Store;
  readonly #prefix: Uint8Array;
  #queue: Promise<unknown> = Promise.resolve();

  /** `signer` separates keys within one store. */
  constructor(store: Store, signer: Address) {
    this.#store = store;
    this.#prefix = Uint8Array.from([...tablePrefix, ...hexToBytes(signer)]);
  }

  /**
   * Records the intent to sign `digest`, durably. Calls are serialised.
   * Throws `double-sign` or `not-monotone`; then nothing must be signed.
   */
  admit(entry: SignedNumber): Promise<void> {
    const result = this.#queue.then(() => this.#admit(entry));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Every record, in ascending order. */
  *entries(): Generator<SignedNumber> {
    for (const [key, value] of this.#store.entries(this.#range())) yield decode(key.subarray(-keyBytes), value);
  }

  highest(): SignedNumber | undefined {
    const [last] = this.#store.entries({ ...this.#range(), reverse: true, limit: 1 });
    return last && decode(last[0].subarray(-keyBytes), last[1]);
  }

  /** Drops records below `number` of generations up to `generation`, never the highest one. */
  async prune(generation: Generation, number: L2BlockNumber): Promise<void> {
    const highest = this.highest();
    const below = [...this.#store.entries({ ...this.#range(), to: this.#key(generation, number) })];
    const ops = below
      .filter(([, value]) => highest === undefined || bytesToHex(value) !== highest.digest)
      .map(([key]): StoreOp => ({ kind: "delete", key }));
    if (ops.length > 0) await this.#store.write(ops);
  }

  async #admit({ generation, number, digest }: SignedNumber): Promise<void> {
    const key = this.#key(generation, number);
    const known = this.#store.get(key);
    if (known !== undefined) {
      if (bytesToHex(known) === digest.toLowerCase()) return;
      throw new CommitteeError(
        "double-sign",
        "halt",
        `refused to sign a second block for number ${number} of generation ${generation}`,
        { generation, number, signed: bytesToHex(known), asked: digest },
      );
    }
    const highest = this.highest();
    if (highest && !isAbove({ generation, number }, highest))
      throw new CommitteeError(
        "not-monotone",
        "halt",
        `refused to sign number ${number} of generation ${generation}: ${highest.number} of ${highest.generation} was signed before`,
        { generation, number, highest },
      );
    await this.#store.write([{ kind: "put", key, value: hexToBytes(digest) }]);
  }

  /** Adds foreign records as they are, keeping what is there. Throws `double-sign` on a contradiction; then nothing is added. */
  async merge(records: readonly SignedNumber[]): Promise<void> {
    const ops = records.map(({ generation, number, digest }): StoreOp => {
      const key = this.#key(generation, number);
      const known = this.#store.get(key);
      if (known !== undefined && bytesToHex(known) !== digest)
        throw new CommitteeError("double-sign", "reject", `the file contradicts what was signed here at ${number}`, {
          generation,
          number,
        });
      return { kind: "put", key, value: hexToBytes(digest) };
    });
    await this.#store.write(ops);
  }

  #key(generation: Generation, number: L2BlockNumber): Uint8Array {
    const key = new Uint8Array(this.#prefix.length + keyBytes);
    key.set(this.#prefix);
    const view = new DataView(key.buffer, this.#prefix.length);
    view.setUint32(0, generation);
    view.setBigUint64(4, number);
    return key;
  }

  #range(): { from: Uint8Array; to: Uint8Array } {
    const to = new Uint8Array(this.#prefix.length + keyBytes + 1).fill(0xff);
    to.set(this.#prefix);
    return { from: this.#prefix, to };
  }
}

/** Every key that `store` has records of, in small letters. */
export function* protectedSigners(store: Store): Generator<Address> {
  const end = concatBytes([tablePrefix, new Uint8Array(addressBytes + keyBytes + 1).fill(0xff)]);
  let from: Uint8Array = tablePrefix;
  for (;;) {
    const [first] = store.entries({ from, to: end, limit: 1 });
    if (first === undefined) return;
    const prefix = first[0].subarray(0, tablePrefix.length + addressBytes);
    yield bytesToHex(prefix.subarray(tablePrefix.length));
    from = concatBytes([prefix, new Uint8Array(keyBytes + 1).fill(0xff)]);
  }
}

const isAbove = (a: Omit<SignedNumber, "digest">, b: SignedNumber): boolean =>
  a.generation > b.generation || (a.generation === b.generation && a.number > b.number);

function decode(key: Uint8Array, value: Uint8Array): SignedNumber {
  if (key.length !== keyBytes || value.length !== 32)
    throw new CommitteeError("protection-corrupt", "halt", "the slashing-protection store holds a malformed record", {
      key: bytesToHex(key),
    });
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return { generation: view.getUint32(0), number: view.getBigUint64(4), digest: bytesToHex(value) };
}
