// What of a file the operating system holds in memory, and how to change that without being root.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readSync, statSync } from "node:fs";

/** Share of the file that is in memory, 0 to 1; `undefined` without util-linux's fincore. */
export function residentShare(file: string): number | undefined {
  const run = spawnSync("fincore", ["--bytes", "--noheadings", "--output", "RES", file], { encoding: "utf8" });
  const bytes = Number(run.stdout);
  return run.status === 0 && Number.isFinite(bytes) ? bytes / statSync(file).size : undefined;
}

/** Asks the system to forget the file's pages (posix_fadvise through dd); nobody may have it open. */
export const forget = (file: string): boolean =>
  spawnSync("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"]).status === 0;

/** Reads the whole file once. */
export function readThrough(file: string): void {
  const buffer = Buffer.allocUnsafe(1 << 22);
  const descriptor = openSync(file, "r");
  while (readSync(descriptor, buffer, 0, buffer.length, null) > 0);
  closeSync(descriptor);
}
