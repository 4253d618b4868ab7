// A disk that a test can fill.
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const chunk = Buffer.alloc(64 * 1024, 1);

/** A file system of its own in memory, mounted at a folder. */
export class SmallDisk {
  readonly #folder: string;
  readonly #ballast: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#ballast = join(folder, "ballast");
  }

  /** Why this machine lets nobody mount one, in one line; nothing when it does. */
  static refusal(): string | undefined {
    const folder = mkdtempSync(join(tmpdir(), "metis-disk-"));
    try {
      SmallDisk.mount(folder, 1).unmount();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Mounts a disk of `mebibytes` at `folder`, which is made. Throws when the system does not allow it. */
  static mount(folder: string, mebibytes: number): SmallDisk {
    mkdirSync(folder, { recursive: true });
    run("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder);
    return new SmallDisk(folder);
  }

  /** Takes all the room but `left` mebibytes; down to the last byte when nothing is to be left. */
  fill(left = 0): void {
    const file = openSync(this.#ballast, "a");
    try {
      for (let size = chunk.length; size > 0;) if (this.#free() <= left || !tryWrite(file, size)) size >>= 1;
    } finally {
      closeSync(file);
    }
  }

  /** Gives the room back. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  #free(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return (bavail * bsize) / 2 ** 20;
  }

  unmount(): void {
    run("umount", "--lazy", this.#folder);
  }
}

function tryWrite(file: number, size: number): boolean {
  try {
    return writeSync(file, chunk, 0, size) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") return false;
    throw error;
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed: ${(error?.message ?? stderr).trim()}`);
}
