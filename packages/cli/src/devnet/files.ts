import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { MetisError } from "@metis/protocol";

export type DevnetErrorCode =
  | "devnet-running"
  | "not-a-devnet-folder"
  | "not-running"
  | "unknown-role"
  | "role-running"
  | "l1-lost"
  | "other-seats"
  | "other-version"
  | "seat-failed"
  | "port-taken";

export class DevnetError extends MetisError<DevnetErrorCode> {
  override readonly name = "DevnetError";
}

/** Everything a devnet keeps lies in one folder. */
export class DevnetFiles {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Anvil's chain, as it was last saved. */
  get l1State(): string {
    return join(this.root, "l1.json.gz");
  }
  /** What was deployed: the nodes' view of the chain. */
  get deployment(): string {
    return join(this.root, "deployment.json");
  }
  /** What outside tools read. */
  get summary(): string {
    return join(this.root, "devnet.json");
  }
  /** Socket of the running devnet, for `devnet start ROLE`. */
  get control(): string {
    return process.platform === "win32"
      ? `\\\\.\\pipe\\metis-devnet-${hashOf(this.root)}`
      : join(this.root, "control.sock");
  }
  get #lock(): string {
    return join(this.root, "lock");
  }
  seat(index: number): string {
    return join(this.root, `seat-${index}`);
  }
  log(role: string): string {
    return join(this.root, `${role}.log`);
  }

  exists(path: string): boolean {
    return existsSync(path);
  }

  read(path: string): Uint8Array {
    return readFileSync(path);
  }

  /** Whole or not at all. `secret` files are readable by their owner alone. */
  write(path: string, content: string | Uint8Array, secret = false): void {
    const draft = `${path}.new`;
    writeFileSync(draft, content, { mode: secret ? 0o600 : 0o644 });
    renameSync(draft, path);
  }

  /** Makes the folder, and with `reset` empties it first. Throws `not-a-devnet-folder` when it holds anything else. */
  prepare(reset: boolean): void {
    const marker = join(this.root, ".metis-devnet");
    if (existsSync(this.root) && !existsSync(marker) && readdirSync(this.root).length > 0)
      throw new DevnetError(
        "not-a-devnet-folder",
        "reject",
        `${this.root} holds what no devnet made, and --reset would delete it one day. Choose another --data-dir.`,
        {},
      );
    if (reset) rmSync(this.root, { recursive: true, force: true });
    mkdirSync(this.root, { recursive: true });
    writeFileSync(marker, "Made by metis devnet; deleted by metis devnet --reset.\n");
  }

  /** Throws `devnet-running` while another devnet holds the folder. A lock whose owner is dead counts for nothing. */
  requireFree(): void {
    const owner = existsSync(this.#lock) ? Number(readFileSync(this.#lock, "utf8")) : 0;
    if (owner > 0 && owner !== process.pid && isAlive(owner))
      throw new DevnetError(
        "devnet-running",
        "reject",
        `a devnet (process ${owner}) already runs in ${this.root}. Stop it, or choose another --data-dir.`,
        {},
      );
  }

  /** Keeps a second devnet out of the folder. Returns how to let go. */
  lock(): () => void {
    this.requireFree();
    const path = this.#lock;
    const file = openSync(path, "w");
    writeSync(file, String(process.pid));
    closeSync(file);
    return () => rmSync(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
