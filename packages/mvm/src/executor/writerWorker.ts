import { parentPort, workerData } from "node:worker_threads";
import type { Hash } from "@metis/protocol";
import { AnswerMemory } from "./answers.ts";
import { Ahead } from "./ahead.ts";
import { openOrCreateEngine, type Engine, type WriterSettings } from "./boot.ts";
import { report, serve, WorkerClient, type Handlers } from "./channel.ts";
import { CommitQueue } from "./commitQueue.ts";
import type { CommitterSettings } from "./committerWorker.ts";
import { GroupedCommits, type Timer } from "./groupedCommits.ts";
import { HashBoard } from "./hashBoard.ts";
import type { SealerSettings } from "./sealerWorker.ts";
import { Writer, type Leaf } from "./writer.ts";

const timer: Timer = {
  now: () => performance.now(),
  after: (delay, action) => void setTimeout(action, delay),
};

const port = parentPort!;

const log = (level: number, text: string): void => report(port, { log: { level, text } });
/** As the kernel's log has it. */
const warnLevel = 1;

function startAhead(settings: WriterSettings, { chain, slot }: Engine, commits: CommitQueue): Ahead {
  const { path, module, historyBlocks } = settings;
  const board = HashBoard.allocate();
  const thread = (): WorkerClient =>
    new WorkerClient("sealerWorker", { path, module, historyBlocks, board } satisfies SealerSettings, "halt", (event) =>
      report(port, event),
    );
  const warn = (reason: string): void => log(warnLevel, `roots are not computed beside execution: ${reason}`);
  return new Ahead(chain, commits, slot, [thread, new HashBoard(board)], warn);
}

function startCommits(settings: WriterSettings, { chain }: Engine): CommitQueue | GroupedCommits {
  const { path, historyBlocks, commitGuard: guard } = settings;
  if (settings.overlap === "nothing") return new GroupedCommits(chain, timer);
  return new CommitQueue(
    chain,
    () => new WorkerClient("committerWorker", { path, historyBlocks, guard } satisfies CommitterSettings, "halt"),
  );
}

function start(): Handlers {
  const settings = workerData as WriterSettings;
  const engine = openOrCreateEngine(settings, log);
  const { chain, slot, host } = engine;
  const commits = startCommits(settings, engine);
  const isShared = commits instanceof CommitQueue;
  const ahead = settings.overlap === "roots" && isShared ? startAhead(settings, engine, commits) : undefined;
  host.blockHashOf = (number) => (ahead ?? commits).hash(number);
  const writer = new Writer(commits, slot, new AnswerMemory(isShared), ahead);
  return {
    head: () => {
      commits.check();
      return writer.head();
    },
    execute: (fields: Uint8Array, transactions: Uint8Array) => writer.execute(fields, transactions),
    open: (fields: Uint8Array) => writer.open(fields),
    add: (id: number, offers: Uint8Array) => writer.add(id, offers),
    seal: (id: number, leaf: Uint8Array, flags?: number) => writer.seal(id, leaf, flags),
    discard: (id: number) => writer.discard(id),
    commit: (hash: Hash, isFollowed: boolean) => writer.commit(hash, isFollowed),
    rewind: (number: number) => writer.rewind(number),
    extend: (leaves: readonly Leaf[]) => writer.extend(leaves),
    importBlocks: (blocks: readonly Uint8Array[]) => writer.importBlocks(blocks),
    close: async () => {
      await ahead?.close();
      await commits.close();
      await chain.database.close();
    },
  };
}

serve(port, start);
