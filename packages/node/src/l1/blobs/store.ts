import type { Hash } from "@metis/protocol";
import { codecs, openTable } from "@metis/runtime";
import type { Store, Table } from "@metis/runtime";
import { packBlobs } from "@metis/rollup";
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

  get(versionedHash: Hash): Uint8Array | undefined {
    return this.#table.get(versionedHash);
  }

  async put(versionedHash: Hash, blob: Uint8Array): Promise<void> {
    await this.#store.write([this.#table.put(versionedHash, blob)]);
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
