import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { Hash } from "@metis/protocol";
import { Database } from "./database.ts";
import { lockFolder } from "./lock.ts";

/** The right to work beside the chain in a data directory that no node uses meanwhile. */
export interface IdleData {
  /** Hash of block 0; absent while there is no chain. */
  readonly genesisHash: Hash | undefined;
  release(): void;
}

/**
 * Keeps nodes out of a data directory, which is made when it is not there; a chain is not.
 * Throws `MvmError` "data-dir-busy" while a node runs on it.
 */
export async function holdIdleData(dataDir: string): Promise<IdleData> {
  const path = join(dataDir, "chain");
  const isNew = !existsSync(path);
  if (isNew) mkdirSync(path, { recursive: true });
  const lock = lockFolder(path);
  const release = (): void => {
    lock.release();
    if (isNew) removeIfEmpty(path);
  };
  try {
    return { genesisHash: isNew ? undefined : await genesisHashIn(path), release };
  } catch (error) {
    release();
    throw error;
  }
}

async function genesisHashIn(path: string): Promise<Hash | undefined> {
  if (!existsSync(join(path, "data.mdb"))) return undefined;
  const database = Database.open(path);
  try {
    return database.genesis?.hash;
  } finally {
    await database.close();
  }
}

/** A node that came in the moment after the lock was let go keeps its folder. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
