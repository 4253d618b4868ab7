// A node in a process of its own, which a test can kill.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeDeployment } from "@metis/node";
import type { NodeConfig } from "@metis/node";
import { createRpcClient, startChild, systemClock } from "@metis/runtime";
import type { RpcClient } from "@metis/runtime";
import { endWithUs } from "@metis/testing";
import type { World } from "./world.ts";

export interface NodeProcess {
  readonly rpc: RpcClient;
  readonly url: string;
  readonly pid: number;
  /** What the process has said, warnings and worse unless `METIS_TEST_LOG` asks for more: the last megabyte. */
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
const startLimitMs = 120_000;

/** Starts the world's seat on folder `name`; resolves when it serves, rejects with what it said last when it ends before, or does not in time. */
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
  const [file, ...args] = [
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
  let log = "";
  const onLine = (line: string): void => {
    log = `${log}${line}\n`.slice(-keptLog);
    if (shown !== undefined) process.stderr.write(`${line}\n`);
  };
  const child = endWithUs(await startChild({ name: "the node", file, args, env: compiled(), onLine }, systemClock()));
  const [, url] = (await child.ready(/^ready (.*)$/, startLimitMs)) as unknown as [string, string];
  return {
    url,
    pid: child.pid,
    rpc: createRpcClient({ url, timeoutMs: 20_000 }),
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    async kill() {
      child.kill("SIGKILL");
      await child.stop();
    },
    get log() {
      return log;
    },
  };
}

/** Where what Node compiles is kept. */
function compiled(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}
