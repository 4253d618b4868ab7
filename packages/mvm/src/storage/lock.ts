import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { MvmError } from "../errors.ts";

/** Right to be the only process that uses a folder. */
export interface FolderLock {
  /** May be called more than once. `moved`: where the folder is by now. */
  release(moved?: string): void;
}

const fileName = "process.lock";
/** Tries to take over what a process left that is gone; each failure means that another one was faster. */
const maxTries = 3;

/**
 * What tells a process from a later one with the same number: the kernel's start time, where it is shown (Linux); elsewhere
 * nothing. `undefined`: the process is gone, or only its parent has not noticed (a zombie).
 */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
  }
  try {
    // The name in parentheses may hold anything; after it: state, ..., start time as the 20th.
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]!;
  } catch {
    return "";
  }
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

const describe = ({ pid, start }: Holder): string => `${pid} ${start}\n`;

function readHolder(file: string): { readonly text: string; readonly holder: Holder | undefined } | undefined {
  try {
    const text = readFileSync(file, "latin1");
    const [pid, start = ""] = text.trim().split(" ");
    return { text, holder: /^\d+$/.test(pid!) ? { pid: Number(pid), start } : undefined };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const isAlive = (holder: Holder | undefined): boolean => holder !== undefined && startOf(holder.pid) === holder.start;

/** Puts the file there unless there is one. */
function claim(file: string, text: string): boolean {
  const own = `${file}.${process.pid}.${threadId}`;
  writeFileSync(own, text);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(own);
  }
}

/** Moves a dead process's file away; gives it back when it turns out to be a living one's that came meanwhile. */
function clear(file: string, dead: string): void {
  const aside = `${file}.${process.pid}.${threadId}.old`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const text = readFileSync(aside, "latin1");
  if (text !== dead) claim(file, text);
  rmSync(aside, { force: true });
}

/**
 * Takes the folder for this process, which must be there. A lock that a killed process left is taken over.
 * Throws `MvmError` "data-dir-busy" while another process, or this one, holds it.
 */
export function lockFolder(folder: string): FolderLock {
  const file = join(folder, fileName);
  const text = describe({ pid: process.pid, start: startOf(process.pid) ?? "" });
  for (let tries = 0; tries < maxTries; tries++) {
    if (claim(file, text)) return held(file, text);
    const found = readHolder(file);
    if (found === undefined) continue;
    if (isAlive(found.holder)) throw busy(folder, found.holder!.pid);
    clear(file, found.text);
  }
  throw busy(folder, readHolder(file)?.holder?.pid);
}

function held(file: string, text: string): FolderLock {
  let isHeld = true;
  return {
    release(moved) {
      const own = moved === undefined ? file : join(moved, fileName);
      if (isHeld && readHolder(own)?.text === text) rmSync(own, { force: true });
      isHeld = false;
    },
  };
}

function busy(folder: string, pid: number | undefined): MvmError {
  const who = pid === process.pid ? "This process" : `Process ${pid ?? "unknown"}`;
  return new MvmError(
    "data-dir-busy",
    `${who} uses the data in ${folder} already. Stop it first, or use another data directory.`,
    undefined,
    { folder, pid },
  );
}
