import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { createTestClient, http, publicActions, walletActions } from "viem";
import { foundry } from "viem/chains";

/** What differs from an L1 of Osaka's rules that mines each transaction at once. */
export interface AnvilOptions {
  /** Seconds between blocks; absent: a block for each transaction. */
  readonly blockTime?: number;
  /** A block is final two epochs later. Default 32, as on Ethereum. */
  readonly slotsInAnEpoch?: number;
  /** File that the chain is read from at start and written to at exit. */
  readonly state?: string;
  /** Unix time of the genesis block. */
  readonly timestamp?: number;
  /** 0: any free port. */
  readonly port?: number;
  /** Appended as they are. */
  readonly extraArguments?: readonly string[];
}

/** A running anvil. */
export interface Anvil {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Asks it to end, so that `state` is written, and waits for it. Idempotent. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

const platforms: Readonly<Record<string, string>> = {
  "linux-x64": "anvil-linux-amd64/bin/anvil",
  "linux-arm64": "anvil-linux-arm64/bin/anvil",
  "darwin-x64": "anvil-darwin-amd64/bin/anvil",
  "darwin-arm64": "anvil-darwin-arm64/bin/anvil",
  "win32-x64": "anvil-win32-amd64/bin/anvil.exe",
};

/** The native file: the package's own launcher misreads signals and the TARGET_TOOL variable. */
export function anvilBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  return createRequire(import.meta.url).resolve(`@foundry-rs/${platforms[platform] ?? platform}`);
}

/** Starts anvil on a free port and resolves once it listens. The caller stops it. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const child = spawn(anvilBinary(), argumentsOf(options), { stdio: ["ignore", "pipe", "pipe"] });
  const port = await listeningPort(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    webSocketUrl: `ws://127.0.0.1:${port}`,
    port,
    pid: child.pid!,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** A client for everything that can be done to an anvil; nothing is cached, answers are polled for quickly. */
export const anvilClient = (anvil: Pick<Anvil, "url">) =>
  createTestClient({ chain: foundry, mode: "anvil", transport: http(anvil.url), cacheTime: 0, pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions);

function argumentsOf(options: AnvilOptions): string[] {
  const { blockTime, slotsInAnEpoch, state, timestamp, port = 0, extraArguments = [] } = options;
  const flag = (name: string, value: unknown): string[] => (value === undefined ? [] : [name, String(value)]);
  return [
    ...["--hardfork", "osaka", "--enable-tx-gas-limit", "--gas-limit", "60000000"],
    ...["--host", "127.0.0.1", "--port", String(port)],
    ...flag("--block-time", blockTime),
    ...flag("--slots-in-an-epoch", slotsInAnEpoch),
    ...flag("--state", state),
    ...flag("--timestamp", timestamp),
    ...extraArguments,
  ];
}

/** Port in the line "Listening on 127.0.0.1:PORT"; throws with what anvil said when it ends before. */
async function listeningPort(child: ChildProcess): Promise<number> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const read = (line: string): void => {
      if (said.length < 50) said.push(line);
      const port = /^Listening on .*:(\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    createInterface(child.stdout!).on("line", read);
    createInterface(child.stderr!).on("line", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`anvil ended with code ${code}: ${said.join("\n")}`)));
  });
}
