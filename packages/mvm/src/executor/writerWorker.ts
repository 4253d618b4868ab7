import { parentPort, workerData } from "node:worker_threads";
import type { Hash } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { BlockContext } from "../api.ts";
import { openOrCreateEngine, type WorkerSettings } from "./boot.ts";
import { report, serve, type Handlers } from "./channel.ts";
import { importFile } from "./importFile.ts";
import { Writer } from "./writer.ts";

const port = parentPort!;

function start(): Handlers {
  const { chain, slot } = openOrCreateEngine(workerData as WorkerSettings, (level, text) =>
    report(port, { log: { level, text } }),
  );
  const writer = new Writer(chain, slot);
  return {
    head: () => writer.head(),
    execute: (context: BlockContext) => writer.execute(context),
    open: (context: BlockContext) => writer.open(context),
    add: (id: number, transaction: Hex, sender?: Address) => writer.add(id, transaction, sender),
    seal: (id: number, flags?: number) => writer.seal(id, flags),
    discard: (id: number) => writer.discard(id),
    commit: (hash: Hash) => writer.commit(hash),
    rewind: (number: number) => writer.rewind(number),
    importFile: (path: string) => importFile(writer, path, (progress) => report(port, { progress })),
    close: () => chain.database.close(),
  };
}

serve(port, start);
