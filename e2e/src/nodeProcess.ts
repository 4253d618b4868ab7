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
  /** What the process has logged, warnings and worse unless `METIS_TEST_LOG` asks for more: the last megabyte. */
  readonly log: string;
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

/** How a process differs from one on a sound machine. */
export interface Surroundings {
  /** Milliseconds that its clock is ahead; behind when negative. */
  readonly clockAheadMs?: number;
  /** Command that runs it, such as `ip netns exec NAME`. */
  readonly under?: readonly string[];
}

const keptLog = 1024 * 1024;

/** Starts the world's seat on folder `name`; resolves when it serves, rejects with its log when it ends before. */
export async function spawnSeat(
  world: World,
  name: string,
  given: Partial<NodeConfig> = {},
  { clockAheadMs = 0, under = [] }: Surroundings = {},
): Promise<NodeProcess> {
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
    "pool.handover": false,
    ...given,
  };
  const shown = process.env["METIS_TEST_LOG"];
  const [command, ...args] = [
    ...under,
    process.execPath,
    "--conditions=@metis/source",
    "--disable-warning=ExperimentalWarning",
    // As a devnet starts its seats: several share one machine.
    "--max-semi-space-size=8",
    join(import.meta.dirname, "killedNode.ts"),
    JSON.stringify(options),
    shown ?? "warn",
    String(clockAheadMs),
  ];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-keptLog);
    if (shown !== undefined) process.stderr.write(text);
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  for await (const line of createInterface(child.stdout)) {
    const url = /^ready (.*)$/.exec(line)?.[1];
    if (url === undefined) continue;
    const pause = (): void => void child.kill("SIGSTOP");
    const resume = (): void => void child.kill("SIGCONT");
    const rpc = createRpcClient({ url, timeoutMs: 20_000 });
    return {
      url,
      pid: child.pid!,
      kill,
      pause,
      resume,
      rpc,
      get log() {
        return log;
      },
    };
  }
  throw new Error(`the node ended before it was ready: ${log}`);
}
