import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
  const { processes } = JSON.parse(readFileSync(files.summary, "utf8")) as {
    readonly processes: readonly { readonly role: string; readonly pid: number }[];
  };
  const left = processes.filter(({ pid }) => commandOf(pid).includes(files.root));
  for (const { pid } of left) process.kill(pid, "SIGTERM");
  const until = clock.monotonic() + graceMs;
  for (const { pid } of left) {
    while (commandOf(pid) !== "" && clock.monotonic() < until) await clock.sleep(pollMs);
    if (commandOf(pid).includes(files.root)) process.kill(pid, "SIGKILL");
  }
  return left.map(({ role }) => role);
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
