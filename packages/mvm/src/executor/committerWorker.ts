import { parentPort, workerData } from "node:worker_threads";
import { Chain } from "../storage/chain.ts";
import { Database } from "../storage/database.ts";
import { ExitGuard } from "../storage/exitGuard.ts";
import { Later, serve, type Handlers } from "./channel.ts";
import { Committer, type CommitJob } from "./committer.ts";

/** What the thread is started with. */
export interface CommitterSettings {
  readonly path: string;
  readonly historyBlocks: number;
  readonly guard: SharedArrayBuffer;
}

function start(): Handlers {
  const { path, historyBlocks, guard } = workerData as CommitterSettings;
  const database = Database.open(path, new ExitGuard(guard));
  const committer = new Committer(new Chain(database, historyBlocks));
  return {
    /** Answered once the database is open here. */
    ready: () => undefined,
    write: (job: CommitJob) => new Later(committer.write(job)),
    rewind: (number: number) => committer.rewind(number),
    close: () => database.close(),
  };
}

serve(parentPort!, start);
