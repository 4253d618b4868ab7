// A node in a process of its own, which a test can kill.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { encodeDeployment } from "@metis/node";
import type { NodeConfig } from "@metis/node";
import { createRpcClient } from "@metis/runtime";
import type { RpcClient } from "@metis/runtime";
import type { World } from "./world.ts";

export interface NodeProcess {
  readonly rpc: RpcClient;
  readonly url: string;
  readonly pid: number;
  /** SIGSTOP and SIGCONT: the process stands still, its sockets stay open. */
  pause(): void;
  resume(): void;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** What `rollup_syncStatus` says of the heads. */
export interface Heads {
  readonly signed: { readonly number: string; readonly hash: string };
  readonly safe: { readonly number: string; readonly hash: string };
}

/** Starts the world's seat on folder `name`; resolves when it serves. */
export async function spawnSeat(world: World, name: string, given: Partial<NodeConfig> = {}): Promise<NodeProcess> {
  const deployment = join(world.folder, "deployment.json");
  writeFileSync(deployment, encodeDeployment(world.deployment));
  const options = {
    role: "sequencer",
    dataDir: join(world.folder, name),
    deployment,
    "l1.rpc": world.anvil.url,
    "l1.pollMs": 40,
    "signer.keyFile": join(world.folder, "seat.key"),
    "batcher.dataMode": "calldata",
    ...given,
  };
  const script = join(import.meta.dirname, "killedNode.ts");
  const level = process.env["METIS_TEST_LOG"] ?? "silent";
  const child = spawn(
    process.execPath,
    ["--conditions=@metis/source", "--disable-warning=ExperimentalWarning", script, JSON.stringify(options), level],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  for await (const line of createInterface(child.stdout)) {
    const url = /^ready (.*)$/.exec(line)?.[1];
    if (url !== undefined) {
      const pause = (): void => void child.kill("SIGSTOP");
      const resume = (): void => void child.kill("SIGCONT");
      return { url, pid: child.pid!, kill, pause, resume, rpc: createRpcClient({ url, timeoutMs: 5_000 }) };
    }
  }
  throw new Error("the node ended before it was ready");
}
