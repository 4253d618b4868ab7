import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { saveAnvil } from "@metis/runtime";
import type { Clock } from "@metis/runtime";
import type { DevnetFiles } from "./files.ts";

const graceMs = 15_000;
const pollMs = 50;

/**
 * Ends what a devnet that was killed left running in this folder, so that its ports and data are free; says what it ended.
 * A process counts as left over only when its command line names the folder: numbers of processes are used again.
 */
export async function endOrphans(files: DevnetFiles, clock: Clock): Promise<readonly string[]> {
  if (process.platform === "win32" || !existsSync(files.summary)) return [];
  const { processes, l1 } = JSON.parse(readFileSync(files.summary, "utf8")) as {
    readonly processes: readonly { readonly role: string; readonly pid: number }[];
    readonly l1: { readonly rpc: string };
  };
  const left = processes.filter(({ pid }) => commandOf(pid).includes(files.root));
  const until = clock.monotonic() + graceMs;
  // Seats first: L1 is saved, which nobody did since, with everything that they saw of it.
  for (const { role, pid } of left.toSorted((a, b) => Number(a.role === "l1") - Number(b.role === "l1"))) {
    // A hung one keeps its last save.
    if (role === "l1") await saveAnvil(l1.rpc, files.l1State).catch(() => undefined);
    await end(files, pid, clock, until);
  }
  return left.map(({ role }) => role);
}

async function end(files: DevnetFiles, pid: number, clock: Clock, until: number): Promise<void> {
  if (commandOf(pid).includes(files.root)) process.kill(pid, "SIGTERM");
  // A process that has ended keeps its number for a moment, without its command line.
  while (commandOf(pid) !== "" && clock.monotonic() < until) await clock.sleep(pollMs);
  if (commandOf(pid).includes(files.root)) process.kill(pid, "SIGKILL");
}

/** Command line of a process; empty when there is none. */
function commandOf(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}
