import { parentPort, workerData } from "node:worker_threads";
import type { Hash } from "@metis/protocol";
import { AnswerMemory } from "./answers.ts";
import { openOrCreateEngine, type WriterSettings } from "./boot.ts";
import { report, serve, WorkerClient, type Handlers } from "./channel.ts";
import { CommitQueue } from "./commitQueue.ts";
import type { CommitterSettings } from "./committerWorker.ts";
import { GroupedCommits, type Timer } from "./groupedCommits.ts";
import { Writer } from "./writer.ts";

const timer: Timer = {
  now: () => performance.now(),
  after: (delay, action) => void setTimeout(action, delay),
};

const port = parentPort!;

function start(): Handlers {
  const settings = workerData as WriterSettings;
  const { chain, slot, host } = openOrCreateEngine(settings, (level, text) => report(port, { log: { level, text } }));
  const { path, historyBlocks, commitGuard: guard } = settings;
  const commits = settings.commitThread
    ? new CommitQueue(
        chain,
        () => new WorkerClient("committerWorker", { path, historyBlocks, guard } satisfies CommitterSettings, "halt"),
      )
    : new GroupedCommits(chain, timer);
  host.blockHashOf = (number) => commits.hash(number);
  const writer = new Writer(commits, slot, new AnswerMemory(settings.commitThread));
  return {
    head: () => writer.head(),
    execute: (fields: Uint8Array, transactions: Uint8Array) => writer.execute(fields, transactions),
    open: (fields: Uint8Array) => writer.open(fields),
    add: (id: number, offers: Uint8Array) => writer.add(id, offers),
    seal: (id: number, leaf: Uint8Array, flags?: number) => writer.seal(id, leaf, flags),
    discard: (id: number) => writer.discard(id),
    commit: (hash: Hash, isFollowed: boolean) => writer.commit(hash, isFollowed),
    rewind: (number: number) => writer.rewind(number),
    importBlocks: (blocks: readonly Uint8Array[]) => writer.importBlocks(blocks),
    close: async () => {
      await commits.close();
      await chain.database.close();
    },
  };
}

serve(port, start);
