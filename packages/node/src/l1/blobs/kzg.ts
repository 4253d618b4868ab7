import { Worker } from "node:worker_threads";
import { sha256 } from "viem";
import type { Hash } from "@metis/protocol";
import type { BlobSidecar } from "../transactions/sidecar.ts";
import type { KzgAnswer, KzgRequest } from "./kzgWorker.ts";

/** Versioned hash of a commitment: 0x01 ‖ sha256(commitment)[1..] (EIP-4844). */
export const versionedHashOf = (commitment: Uint8Array): Hash => `0x01${sha256(commitment).slice(4)}`;

interface Waiting {
  readonly resolve: (answer: KzgAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * KZG for blobs in a thread of its own, which is started, and loads its 2 seconds of setup, when it is first needed.
 * Blobs have 131,072 bytes.
 */
export class Kzg {
  #worker: Worker | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  async versionedHash(blob: Uint8Array): Promise<Hash> {
    return versionedHashOf((await this.#ask({ kind: "commit", blob })).commitment);
  }

  /** Commitment and the 128 cell proofs that travel with the blob since Osaka (EIP-7594). */
  async sidecar(blob: Uint8Array): Promise<BlobSidecar> {
    const { commitment, cellProofs } = await this.#ask({ kind: "sidecar", blob });
    return { versionedHash: versionedHashOf(commitment), blob, commitment, cellProofs };
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#failAll(new Error("KZG was closed"));
  }

  #ask(request: Omit<KzgRequest, "id">): Promise<KzgAnswer> {
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...request, id } satisfies KzgRequest, []);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("kzgWorker.ts", import.meta.url));
    worker.on("message", (answer: KzgAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(answer.error));
    });
    worker.on("error", (error) => {
      this.#worker = undefined;
      this.#failAll(error instanceof Error ? error : new Error(String(error)));
    });
    worker.unref();
    return worker;
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
