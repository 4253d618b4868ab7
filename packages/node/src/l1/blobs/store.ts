import type { Hash } from "@metis/protocol";
import { codecs, openTable } from "@metis/runtime";
import type { Store, Table } from "@metis/runtime";
import { blobLength, packBlobs } from "@metis/rollup";
import type { BlobSidecar } from "../transactions/sidecar.ts";
import type { Kzg } from "./kzg.ts";

/** Every blob this node posted or used, by versioned hash; what it serves others. */
export class BlobStore {
  readonly #store: Store;
  readonly #table: Table<Hash, Uint8Array>;
  readonly #kzg: Kzg;
  readonly #sidecars = new Map<Hash, BlobSidecar>();

  constructor(store: Store, kzg: Kzg) {
    this.#store = store;
    this.#table = openTable(store, "blobs", codecs.hex, codecs.bytes);
    this.#kzg = kzg;
  }

  /** All 131,072 bytes. */
  get(versionedHash: Hash): Uint8Array | undefined {
    const kept = this.#table.get(versionedHash);
    if (!kept) return undefined;
    const blob = new Uint8Array(blobLength);
    blob.set(kept);
    return blob;
  }

  /** Keeps a blob without the zeros at its end: batches of quiet times fill little of theirs. */
  async put(versionedHash: Hash, blob: Uint8Array): Promise<void> {
    const used = blob.findLastIndex((byte) => byte !== 0) + 1;
    await this.#store.write([this.#table.put(versionedHash, blob.subarray(0, used))]);
  }

  /** Cuts a payload into blobs and keeps them. Returns their versioned hashes, in order. */
  async putPayload(payload: Uint8Array): Promise<readonly Hash[]> {
    const hashes: Hash[] = [];
    for (const blob of packBlobs(payload)) {
      const hash = await this.#kzg.versionedHash(blob);
      await this.put(hash, blob);
      hashes.push(hash);
    }
    return hashes;
  }

  /** A stored blob with commitment and cell proofs, kept in memory while it is being posted. */
  async sidecar(versionedHash: Hash): Promise<BlobSidecar> {
    const known = this.#sidecars.get(versionedHash);
    if (known) return known;
    const blob = this.get(versionedHash);
    if (!blob) throw new Error(`blob ${versionedHash} is not stored`);
    const sidecar = await this.#kzg.sidecar(blob);
    if (this.#sidecars.size >= maxSidecars) this.#sidecars.clear();
    this.#sidecars.set(versionedHash, sidecar);
    return sidecar;
  }
}

/** Sidecars in memory: those of one transaction. */
const maxSidecars = 6;
