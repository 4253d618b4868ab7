import type { Hash } from "@metis/protocol";
import { open, type RootDatabase } from "lmdb";
import { fromHex, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { BlockStore } from "./blocks.ts";
import { hashLength, numberKey, numberLength, readNumber } from "./keys.ts";
import { StateStore } from "./state.ts";
import type { Table } from "./versioned.ts";

/** Raised when the meaning of stored bytes changes. */
const formatVersion = 1;

const tableNames = [
  "meta",
  "accounts",
  "accountChanges",
  "storage",
  "storageChanges",
  "nodes",
  "nodeChanges",
  "codes",
  "changes",
  "headers",
  "bodies",
  "receipts",
  "numbers",
  "transactions",
] as const;
type TableName = (typeof tableNames)[number];

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
  /** number -> change set of the block. */
  readonly changes: Table;
  readonly #root: RootDatabase;
  readonly #meta: Table;

  private constructor(root: RootDatabase, tables: Readonly<Record<TableName, Table>>) {
    this.#root = root;
    this.#meta = tables.meta;
    this.changes = tables.changes;
    this.state = new StateStore(tables);
    this.blocks = new BlockStore(tables);
  }

  /**
   * Opens or creates the tables in the folder `path`.
   * Throws `MvmError` "database-format" for the data of another version, "database-io" when the folder cannot be used.
   */
  static open(path: string): Database {
    const root = guarded("open", () =>
      // Without overlappingSync a commit returns when it is on disk.
      open({ path, maxDbs: tableNames.length + 1, overlappingSync: false, keyEncoding: "binary", encoding: "binary" }),
    );
    const openTable = (name: TableName): [TableName, Table] => [
      name,
      root.openDB<Uint8Array, Uint8Array>({ name, keyEncoding: "binary", encoding: "binary", cache: false }),
    ];
    const tables = guarded("open", () => Object.fromEntries(tableNames.map(openTable)) as Record<TableName, Table>);
    const database = new Database(root, tables);
    database.#checkFormat(path);
    return database;
  }

  #checkFormat(path: string): void {
    const stored = this.#meta.getBinary(metaKeys.format);
    if (stored === undefined) {
      this.transact(() => this.#meta.putSync(metaKeys.format, numberKey(formatVersion)));
      return;
    }
    const version = readNumber(stored);
    if (version !== formatVersion)
      throw new MvmError(
        "database-format",
        `The database in ${path} has format ${version}, this version reads ${formatVersion}. ` +
          "Run the version that wrote it, or delete the folder and sync again from L1.",
        undefined,
        { version, expected: formatVersion },
      );
  }

  /** Makes the next reads see the newest commit. */
  refresh(): void {
    this.#root.resetReadTxn();
  }

  /** Runs `write` in one transaction, durable when this returns; nothing happened when it throws. */
  transact<Result>(write: () => Result): Result {
    return guarded("commit", () => this.#root.transactionSync(write));
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

/** Codes of the operating system for a disk or quota without room. */
const fullDisk = /\b(ENOSPC|EDQUOT|EFBIG)\b|No space left|File too large|Disk quota|MDB_MAP_FULL/;

/** Runs `action`; what lmdb throws becomes an `MvmError`, what it did not throw passes. */
function guarded<Result>(what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof MvmError || !isLmdbError(error)) throw error;
    if (fullDisk.test(error.message))
      throw new MvmError(
        "disk-full",
        "The disk is full: nothing of the last block was written. Make room and start again.",
        undefined,
        {},
        { cause: error },
      );
    throw new MvmError(
      "database-io",
      `The database failed (${what}): ${error.message}`,
      undefined,
      {},
      { cause: error },
    );
  }
}

const isLmdbError = (error: unknown): error is Error => error instanceof Error && "code" in error;
