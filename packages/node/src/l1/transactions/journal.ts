import type { Hash } from "@metis/protocol";
import { codecs, jsonCodec, openTable } from "@metis/runtime";
import type { Store, Table } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { FeeOffer } from "./fees.ts";

/** One signed form of an intent; later ones replace earlier ones at the same nonce. */
export interface Attempt {
  readonly hash: Hash;
  /** Signed bytes without blobs: those are added again from the blob store. */
  readonly raw: Hex;
  readonly offer: FeeOffer;
}

/** A transaction that was asked for and is not yet known to be mined. */
export interface Intent {
  readonly id: string;
  readonly to: Address;
  readonly data: Hex;
  readonly gasLimit: bigint;
  readonly versionedHashes: readonly Hash[];
  readonly nonce: number;
  readonly attempts: readonly Attempt[];
}

/** Keeps intents on disk before anything is sent, so that a restart never sends one twice under two nonces. */
export class TransactionJournal {
  readonly #store: Store;
  readonly #table: Table<string, Intent>;

  constructor(store: Store, sender: Address) {
    this.#store = store;
    this.#table = openTable(store, `transactions/${sender.toLowerCase()}`, codecs.text, jsonCodec<Intent>());
  }

  /** Intents without an end, by nonce. */
  open(): readonly Intent[] {
    return [...this.#table.entries()].map(([, intent]) => intent).toSorted((a, b) => a.nonce - b.nonce);
  }

  async save(intent: Intent): Promise<void> {
    await this.#store.write([this.#table.put(intent.id, intent)]);
  }

  async close(id: string): Promise<void> {
    await this.#store.write([this.#table.delete(id)]);
  }
}
