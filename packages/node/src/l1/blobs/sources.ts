import type { Hash } from "@metis/protocol";
import { blobLength } from "@metis/rollup";
import type { Logger } from "@metis/runtime";
import { hexToBytes, isHex } from "viem";
import type { PostedBatch } from "../batches.ts";
import type { L1Client } from "../client.ts";
import { L1Error } from "../errors.ts";
import type { Kzg } from "./kzg.ts";
import type { BlobStore } from "./store.ts";

export interface BlobSourcesOptions {
  readonly store: BlobStore;
  readonly kzg: Kzg;
  readonly l1: L1Client;
  /** Base URLs of beacon nodes or of other Metis nodes, tried in order. */
  readonly beacons: readonly string[];
  readonly logger: Logger;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;

/** How a beacon chain numbers its blocks. */
interface Slots {
  readonly genesisTime: bigint;
  readonly secondsPerSlot: bigint;
}

/** Finds blobs: in the own store, then at beacon nodes. What comes from outside is checked against its versioned hash and kept. */
export class BlobSources {
  readonly #options: BlobSourcesOptions;
  readonly #slots = new Map<string, Slots | undefined>();

  constructor(options: BlobSourcesOptions) {
    this.#options = options;
  }

  /** Throws `blob-unavailable` (retry) when no source has it. */
  async find(versionedHash: Hash, near: Pick<PostedBatch, "l1BlockNumber">): Promise<Uint8Array> {
    const { store, beacons } = this.#options;
    const own = store.get(versionedHash);
    if (own) return own;
    const failures: string[] = [];
    for (const beacon of beacons) {
      const found = await this.#ask(beacon, versionedHash, near).catch((error: unknown) => {
        failures.push(`${hostOf(beacon)}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      });
      if (!found) continue;
      await store.put(versionedHash, found);
      return found;
    }
    const tried = failures.length > 0 ? failures.join("; ") : "no beacon node is configured (l1.beacon)";
    throw new L1Error("blob-unavailable", "retry", `blob ${versionedHash} is not to be had: ${tried}`, {
      versionedHash,
    });
  }

  /** `GET /eth/v1/beacon/blobs/{id}` (beacon API). */
  async #ask(base: string, versionedHash: Hash, near: Pick<PostedBatch, "l1BlockNumber">): Promise<Uint8Array> {
    const id = await this.#blockId(base, near);
    const url = `${base.replace(/\/$/, "")}/eth/v1/beacon/blobs/${id}?versioned_hashes=${versionedHash}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(this.#options.timeoutMs ?? defaultTimeoutMs) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const body = (await response.json()) as { readonly data?: readonly unknown[] };
    for (const item of body.data ?? []) {
      if (!isHex(item) || item.length !== 2 + 2 * blobLength) continue;
      const blob = hexToBytes(item);
      if ((await this.#options.kzg.versionedHash(blob)) === versionedHash) return blob;
    }
    throw new Error("it answers without the blob");
  }

  /** Slot of an L1 block by its time; its number where the source keeps no slots (anvil, other Metis nodes). */
  async #blockId(base: string, { l1BlockNumber }: Pick<PostedBatch, "l1BlockNumber">): Promise<string> {
    if (!this.#slots.has(base)) this.#slots.set(base, await this.#readSlots(base));
    const slots = this.#slots.get(base);
    if (!slots) return `${l1BlockNumber}`;
    const block = await this.#options.l1.block(l1BlockNumber);
    if (!block) throw new Error(`L1 block ${l1BlockNumber} is not there`);
    return `${(block.timestamp - slots.genesisTime) / slots.secondsPerSlot}`;
  }

  async #readSlots(base: string): Promise<Slots | undefined> {
    const read = async (path: string): Promise<Record<string, string> | undefined> => {
      const signal = AbortSignal.timeout(this.#options.timeoutMs ?? defaultTimeoutMs);
      const response = await fetch(`${base.replace(/\/$/, "")}${path}`, { signal });
      return response.ok ? ((await response.json()) as { readonly data: Record<string, string> }).data : undefined;
    };
    const [genesis, spec] = await Promise.all([read("/eth/v1/beacon/genesis"), read("/eth/v1/config/spec")]);
    const [genesisTime, secondsPerSlot] = [genesis?.["genesis_time"], spec?.["SECONDS_PER_SLOT"]];
    if (genesisTime === undefined || secondsPerSlot === undefined) return undefined;
    return { genesisTime: BigInt(genesisTime), secondsPerSlot: BigInt(secondsPerSlot) };
  }
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? url;
