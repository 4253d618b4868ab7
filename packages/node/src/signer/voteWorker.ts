import { parentPort, workerData } from "node:worker_threads";
import { SignerExchange } from "./exchange.ts";
import type { SignerEndpoint } from "./exchange.ts";
import type { VoteJob } from "./voteLine.ts";

// Asks the remote signer while the thread that wants the answer stands still.
const exchange = new SignerExchange(workerData as SignerEndpoint);

async function answer({ path, body, shared }: VoteJob): Promise<void> {
  const { status, text } = await exchange.ask(path, body).catch((error: unknown) => ({
    status: 0,
    text: error instanceof Error ? error.message : String(error),
  }));
  const head = new Int32Array(shared, 0, 3);
  const room = new Uint8Array(shared, head.byteLength);
  const { written } = new TextEncoder().encodeInto(text, room);
  head[1] = status;
  head[2] = written;
  Atomics.store(head, 0, 1);
  Atomics.notify(head, 0);
}

parentPort?.on("message", (job: VoteJob) => void answer(job));
parentPort?.postMessage("ready", []);
