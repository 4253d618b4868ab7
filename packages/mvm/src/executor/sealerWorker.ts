import { parentPort, workerData } from "node:worker_threads";
import type { Hash } from "@metis/protocol";
import { openEngine, type WorkerSettings } from "./boot.ts";
import { report, serve, type Handlers } from "./channel.ts";
import { HashBoard } from "./hashBoard.ts";
import { Sealer, type SealJob } from "./sealer.ts";

/** What the thread is started with. */
export interface SealerSettings extends WorkerSettings {
  /** Where hashes are put up (`HashBoard`). */
  readonly board: SharedArrayBuffer;
}

const port = parentPort!;

function start(): Handlers {
  const settings = workerData as SealerSettings;
  const { chain, slot } = openEngine(settings, (level, text) => report(port, { log: { level, text } }));
  const sealer = new Sealer(chain, slot, new HashBoard(settings.board));
  return {
    /** Answered once the database is open here. */
    ready: () => undefined,
    begin: (hash: Hash) => sealer.begin(hash),
    seal: (job: SealJob) => sealer.seal(job),
    written: (number: number) => sealer.written(number),
    close: () => chain.database.close(),
  };
}

serve(port, start);
