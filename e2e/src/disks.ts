// Disks that a test can fill, or slow down: file systems of their own, mounted at a folder.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const chunk = Buffer.alloc(64 * 1024, 1);

/** A file system in memory. */
export class SmallDisk {
  readonly #folder: string;
  readonly #ballast: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#ballast = join(folder, "ballast");
  }

  /** Why this machine has none, in one line; nothing when it has. */
  static refusal(): string | undefined {
    return refusalOf((folder) => SmallDisk.mount(folder, 1));
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

const throttle = "blkio.throttle.write_iops_device";

/** A file system in a file, behind a block device whose writes the kernel can hold back (cgroups of version 1). */
export class SlowDisk {
  readonly #folder: string;
  readonly #device: string;

  private constructor(folder: string, device: string) {
    this.#folder = folder;
    this.#device = device;
  }

  /** Why this machine has none, in one line; nothing when it has. */
  static refusal(): string | undefined {
    return refusalOf((folder) => {
      const disk = SlowDisk.mount(join(folder, "disk"), join(folder, "image"), 8);
      try {
        disk.slow(1_000);
      } finally {
        disk.slow(0);
      }
      return disk;
    });
  }

  /** Mounts a disk of `mebibytes`, kept in the file `image`, at `folder`, which is made. Throws when the system does not allow it. */
  static mount(folder: string, image: string, mebibytes: number): SlowDisk {
    mkdirSync(folder, { recursive: true });
    run("truncate", "-s", `${mebibytes}M`, image);
    run("mkfs.ext4", "-q", "-F", image);
    const device = run("losetup", "--find", "--show", image);
    try {
      run("mount", device, folder);
    } catch (error) {
      run("losetup", "--detach", device);
      throw error;
    }
    return new SlowDisk(folder, device);
  }

  /** Lets `writes` a second through; all of them when 0. A write of a node that must be on the disk takes about five. */
  slow(writes: number): void {
    const numbers = readFileSync(`/sys/class/block/${basename(this.#device)}/dev`, "utf8").trim();
    writeFileSync(join(throttleFolder(), throttle), `${numbers} ${writes}`);
  }

  unmount(): void {
    this.slow(0);
    run("umount", "--lazy", this.#folder);
    run("losetup", "--detach", this.#device);
  }
}

/** Where this process's block devices are throttled. */
function throttleFolder(): string {
  const line = /^\d+:[^:]*\bblkio\b[^:]*:(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"));
  if (!line) throw new Error("this system has no blkio cgroup");
  return join("/sys/fs/cgroup/blkio", line[1]!);
}

function refusalOf(mount: (folder: string) => { unmount(): void }): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "metis-disk-"));
  try {
    mount(folder).unmount();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed: ${(error?.message ?? stderr).trim()}`);
  return stdout.trim();
}
