import { parentPort, workerData } from "node:worker_threads";
import type { Hash } from "@metis/protocol";
import { openOrCreateEngine, type WorkerSettings } from "./boot.ts";
import { report, serve, WorkerClient, type Handlers } from "./channel.ts";
import { CommitQueue } from "./commitQueue.ts";
import { Writer } from "./writer.ts";

const port = parentPort!;

function start(): Handlers {
  const settings = workerData as WorkerSettings;
  const { chain, slot, host } = openOrCreateEngine(settings, (level, text) => report(port, { log: { level, text } }));
  const { path, historyBlocks } = settings;
  const queue = new CommitQueue(chain, () => new WorkerClient("committerWorker", { path, historyBlocks }, "halt"));
  host.blockHashOf = (number) => queue.hash(number);
  const writer = new Writer(queue, slot);
  return {
    head: () => writer.head(),
    execute: (fields: Uint8Array, transactions: Uint8Array) => writer.execute(fields, transactions),
    open: (fields: Uint8Array) => writer.open(fields),
    add: (id: number, offers: Uint8Array) => writer.add(id, offers),
    seal: (id: number, leaf: Uint8Array, flags?: number) => writer.seal(id, leaf, flags),
    discard: (id: number) => writer.discard(id),
    commit: (hash: Hash) => writer.commit(hash),
    rewind: (number: number) => writer.rewind(number),
    importBlocks: (blocks: readonly Uint8Array[]) => writer.importBlocks(blocks),
    close: async () => {
      await queue.close();
      await chain.database.close();
    },
  };
}

serve(port, start);
