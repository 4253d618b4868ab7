import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild, systemClock, type Child } from "@metis/runtime";
import type { Address, Hex } from "viem";
import { endWithUs } from "./children.ts";

/** What a devnet writes to devnet.json and, with `--json`, says when it is ready. */
export interface DevnetSummary {
  readonly ready: boolean;
  readonly l1: { readonly rpc: string; readonly chainId: number };
  readonly l2: { readonly chainId: number; readonly rpc: readonly string[]; readonly members: readonly string[] };
  readonly accounts: readonly { readonly address: Address; readonly privateKey: Hex }[];
  readonly contracts: Readonly<Record<string, Address>>;
  readonly processes: readonly { readonly role: string; readonly pid: number }[];
}

/** A `metis devnet` on free ports, in a folder of its own. */
export interface RunningDevnet {
  readonly summary: DevnetSummary;
  readonly dataDir: string;
  readonly process: Child;
  /** Milliseconds from the call to ready. */
  readonly startedAfter: number;
  /** As Ctrl-C does; the folder stays. */
  stop(): Promise<void>;
}

const metisMain = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
const startLimitMs = 120_000;

/** The program and leading arguments that run `metis` on this Node. */
export const metisCommand = { file: process.execPath, args: ["--conditions=@metis/source", metisMain] } as const;

/** A folder for a devnet; the returned function deletes it. */
export function devnetFolder(): { readonly dataDir: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), "metis-devnet-"));
  return { dataDir: join(root, "data"), remove: () => rmSync(root, { recursive: true, force: true }) };
}

/**
 * Starts `metis devnet` in `dataDir`, or takes up the one that was stopped there. `ownGroup`: a signal to its process group is what
 * a terminal sends.
 */
export async function startDevnet(
  dataDir: string,
  flags: readonly string[] = [],
  { ownGroup = false } = {},
): Promise<RunningDevnet> {
  const clock = systemClock();
  const began = clock.monotonic();
  const args = [
    "devnet",
    "--data-dir",
    dataDir,
    "--port-base",
    "0",
    "--profile",
    "fast",
    "--seats",
    "1",
    "--json",
    ...flags,
  ];
  const { file, args: leading } = metisCommand;
  const options = { name: "metis devnet", file, args: [...leading, ...args], ownGroup };
  // It takes down what it started itself.
  const child = endWithUs(await startChild(options, clock), "SIGTERM");
  const [line] = (await child.ready(/^\{.*"ready":true.*\}$/, startLimitMs)) as unknown as [string];
  const summary = JSON.parse(line) as DevnetSummary;
  const startedAfter = clock.monotonic() - began;
  return { summary, dataDir, process: child, startedAfter, stop: () => child.stop(30_000) };
}
