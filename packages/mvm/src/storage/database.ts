import { statfsSync } from "node:fs";
import type { Hash } from "@metis/protocol";
import { open, type RootDatabase } from "lmdb";
import { fromHex, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { AnchorStore } from "./anchors.ts";
import { BlockStore } from "./blocks.ts";
import type { ExitGuard } from "./exitGuard.ts";
import { checkDataFile, damaged } from "./file.ts";
import { hashLength, numberKey, numberLength, readNumber } from "./keys.ts";
import { StateStore } from "./state.ts";
import { isDamagedPage, tellingDamage, type Table } from "./table.ts";

/** Raised when the meaning of stored bytes changes. */
const formatVersion = 3;

const tableNames = [
  "meta",
  "accounts",
  "storage",
  "nodes",
  "codes",
  "changes",
  "changeIndex",
  "headers",
  "bodies",
  "receipts",
  "numbers",
  "transactions",
  "newTransactions",
  "anchors",
] as const;
type TableName = (typeof tableNames)[number];

const storeOptions = {
  // Without it a commit returns when it is on disk.
  overlappingSync: false,
  // Keys are hashes: of the 128 KiB that the system would read around a page, the next transaction needs nothing.
  noReadAhead: true,
  keyEncoding: "binary",
  encoding: "binary",
} as const;

const metaKeys = {
  format: Buffer.from("format"),
  genesisHash: Buffer.from("genesisHash"),
  genesisDigest: Buffer.from("genesisDigest"),
  configuration: Buffer.from("configuration"),
  head: Buffer.from("head"),
  oldestState: Buffer.from("oldestState"),
} as const;

export interface Head {
  readonly number: number;
  readonly hash: Hash;
}

/** Identity of the chain in a database. */
export interface GenesisRecord {
  readonly hash: Hash;
  /** keccak256 of the description the genesis was computed from: saves computing it again. */
  readonly digest: Hash;
  /** What kernels are configured with; may change (a fork is added) while the genesis stays. */
  readonly configuration: Uint8Array;
}

/**
 * The store of one chain: lmdb tables opened by one thread. Reads see the newest commit after `refresh`, and one
 * snapshot until the end of the running turn of the event loop. Every write goes through `transact`.
 */
export class Database {
  readonly state: StateStore;
  readonly blocks: BlockStore;
  readonly anchors: AnchorStore;
  /** Folder of the tables. */
  readonly path: string;
  readonly #root: RootDatabase;
  readonly #guard: ExitGuard | undefined;
  readonly #meta: Table;

  private constructor(
    path: string,
    root: RootDatabase,
    tables: Readonly<Record<TableName, Table>>,
    guard: ExitGuard | undefined,
  ) {
    this.path = path;
    this.#guard = guard;
    this.#root = root;
    this.#meta = tables.meta;
    const newest = (): number => this.head?.number ?? 0;
    this.state = new StateStore(tables, newest);
    this.blocks = new BlockStore(tables, path, newest);
    this.anchors = new AnchorStore(tables.anchors);
  }

  /**
   * Opens or creates the tables in the folder `path`. `guard`: of a thread that writes while another one may end the process.
   * Throws `MvmError` "database-format" for the data of another version, "database-corrupt" for a damaged file,
   * "database-io" when the folder cannot be used.
   */
  static open(path: string, guard?: ExitGuard): Database {
    checkDataFile(path);
    const root = guarded(path, () => open({ path, maxDbs: tableNames.length + 1, ...storeOptions }));
    const openTable = (name: TableName): [TableName, Table] => [
      name,
      tellingDamage(
        root.openDB<Uint8Array, Uint8Array>({ name, keyEncoding: "binary", encoding: "binary", cache: false }),
        path,
      ),
    ];
    const tables = guarded(path, () => Object.fromEntries(tableNames.map(openTable)) as Record<TableName, Table>);
    const database = new Database(path, root, tables, guard);
    database.#checkFormat();
    return database;
  }

  #checkFormat(): void {
    const stored = this.#meta.getBinary(metaKeys.format);
    if (stored === undefined) {
      this.transact(() => this.#meta.putSync(metaKeys.format, numberKey(formatVersion)));
      return;
    }
    const version = readNumber(stored);
    if (version !== formatVersion)
      throw new MvmError(
        "database-format",
        `The database in ${this.path} has format ${version}, this version reads ${formatVersion}. ` +
          "Run the version that wrote it, or delete the folder and sync again from L1.",
        undefined,
        { version, expected: formatVersion },
      );
  }

  /** Makes the next reads see the newest commit. */
  refresh(): void {
    this.#root.resetReadTxn();
  }

  /**
   * Throws `MvmError` "disk-full" with the remedy "retry" when the disk has less than `reserve` bytes left: asked before a
   * write, which lmdb does not survive unharmed when the room ends in the middle of it.
   */
  checkRoom(reserve = reservedBytes): void {
    if (freeBytes(this.path) >= reserve) return;
    throw new MvmError(
      "disk-full",
      `Less than ${reserve / 2 ** 20} MiB are left on the disk that holds ${this.path}: nothing is written until there is room.`,
      "retry",
      { path: this.path },
    );
  }

  /** Runs `write` in one transaction, durable when this returns; nothing happened when it throws. */
  transact<Result>(write: () => Result): Result {
    const transact = (): Result => guarded(this.path, () => this.#root.transactionSync(write));
    return this.#guard === undefined ? transact() : this.#guard.run(transact);
  }

  get head(): Head | undefined {
    const row = this.#meta.getBinary(metaKeys.head);
    return row && { number: readNumber(row), hash: toHex(row.subarray(numberLength, numberLength + hashLength)) };
  }

  setHead(head: Head): void {
    this.#meta.putSync(metaKeys.head, Buffer.concat([numberKey(head.number), fromHex(head.hash)]));
  }

  get genesis(): Omit<GenesisRecord, "configuration"> | undefined {
    const hash = this.#meta.getBinary(metaKeys.genesisHash);
    const digest = this.#meta.getBinary(metaKeys.genesisDigest);
    return hash && digest && { hash: toHex(hash), digest: toHex(digest) };
  }

  get configuration(): Uint8Array | undefined {
    return this.#meta.getBinary(metaKeys.configuration);
  }

  setGenesis(genesis: GenesisRecord): void {
    this.#meta.putSync(metaKeys.genesisHash, fromHex(genesis.hash));
    this.#meta.putSync(metaKeys.genesisDigest, fromHex(genesis.digest));
    this.#meta.putSync(metaKeys.configuration, genesis.configuration);
  }

  /** Lowest block whose state can still be read. */
  get oldestState(): number {
    const row = this.#meta.getBinary(metaKeys.oldestState);
    return row === undefined ? 0 : readNumber(row);
  }

  setOldestState(number: number): void {
    this.#meta.putSync(metaKeys.oldestState, numberKey(number));
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

/** Room that no block is written into: as much as all blocks that may be on their way. */
const reservedBytes = 64 * 1024 * 1024;

/** Numbers of the operating system that lmdb passes on (the same on Linux and macOS but for the quota). */
const errno = { io: 5, fileTooLarge: 27, noSpace: 28, quota: [69, 122] as const };
/** Below this a write that failed without a reason failed for want of room: lmdb calls a write cut short an I/O error. */
const scarceBytes = 16 * 1024 * 1024;

/** Runs `action`; what lmdb throws becomes an `MvmError`, everything else passes. */
function guarded<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (isDamagedPage(error)) throw damaged(path, error.message, error);
    if (!isLmdbError(error)) throw error;
    if (isFull(path, error.code))
      throw new MvmError(
        "disk-full",
        `The disk that holds ${path} is full. Nothing of the last block was written: make room and start again.`,
        undefined,
        { path },
        { cause: error },
      );
    throw new MvmError(
      "database-io",
      `The database in ${path} failed: ${error.message}. Everything committed before is kept: start again.`,
      undefined,
      { path },
      { cause: error },
    );
  }
}

function isFull(path: string, code: number): boolean {
  if (code === errno.noSpace || code === errno.fileTooLarge || errno.quota.some((quota) => quota === code)) return true;
  if (code !== errno.io) return false;
  return freeBytes(path) < scarceBytes;
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

const isLmdbError = (error: unknown): error is Error & { readonly code: number } =>
  error instanceof Error && "code" in error && typeof error.code === "number";
