import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Hash } from "@metis/protocol";
import { fromHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { Chain } from "../storage/chain.ts";
import { Database } from "../storage/database.ts";
import { stateTables } from "../storage/state.ts";
import type { TableRow } from "../storage/table.ts";
import { encodeSnapshot, type Frame } from "./format.ts";

/** Bytes of rows after which a frame is closed. */
const frameBytes = 256 * 1024;
/** Blocks whose hash BLOCKHASH still reads in the next block. */
export const hashWindow = 256;

export interface SnapshotProgress {
  readonly phase: "rows" | "verify";
  /** Rows dealt with, and about how many there are in all. */
  readonly done: number;
  readonly total: number;
}

export interface ExportOptions {
  /** Folder of the chain's data; a node may be running on it. */
  readonly dataDir: string;
  readonly file: string;
  /** Block whose state is exported; the head unless given. */
  readonly block?: number;
  /** Goes into the file as it is; given back by the import. */
  readonly attachment?: Uint8Array;
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

export interface SnapshotSummary {
  readonly number: number;
  readonly hash: Hash;
  readonly outputRoot: Hash;
  readonly rows: number;
}

/**
 * Writes the state after a block, with the hashes its children may read, to one gzip file. Memory stays bounded; a node that runs
 * on the data goes on. The file appears under its name only when it is whole.
 * Throws `MvmError` "unknown-block" (also where there is no chain at all), "state-unavailable", "snapshot-target" while another
 * export writes the same file, "disk-full", or what the file system throws.
 */
export async function exportSnapshot(options: ExportOptions): Promise<SnapshotSummary> {
  const { file } = options;
  if (!(await holdsChain(options.dataDir)))
    throw new MvmError("unknown-block", `There is no chain in ${options.dataDir}.`);
  const database = Database.open(join(options.dataDir, "chain"));
  const part = `${file}.part`;
  try {
    const run = new Export(database, options);
    const bytes = Readable.from(encodeSnapshot(run.frames()), { objectMode: false, highWaterMark: frameBytes });
    await pipeline(bytes, createGzip(), createWriteStream(part, { flags: "wx", flush: true }));
    run.requireKept();
    await rename(part, file);
    return run.summary();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw otherExport(part);
    await rm(part, { force: true });
    throw code === "ENOSPC" ? noRoom(file) : error;
  } finally {
    await database.close();
  }
}

const otherExport = (part: string): MvmError =>
  new MvmError("snapshot-target", `Another export writes ${part}, or was cut off: wait for it, or delete that file.`);

const noRoom = (file: string): MvmError =>
  new MvmError("disk-full", `The disk that ${file} was to be on is full: make room, and export again.`, "retry");

/** True when there is a chain in the data directory. */
export const holdsChain = (dataDir: string): Promise<boolean> =>
  stat(join(dataDir, "chain")).then(
    () => true,
    () => false,
  );

class Export {
  readonly #database: Database;
  readonly #options: ExportOptions;
  readonly #number: number;
  #rows = 0;

  constructor(database: Database, options: ExportOptions) {
    this.#database = database;
    this.#options = options;
    const chain = new Chain(database, Infinity);
    this.#number = options.block ?? chain.head.number;
    if (chain.stateAt(this.#number) === undefined)
      throw new MvmError("unknown-block", `There is no block ${this.#number}: the head is ${chain.head.number}.`);
  }

  /** A node that prunes meanwhile may have dropped what the last rows needed. */
  requireKept(): void {
    this.#database.refresh();
    new Chain(this.#database, Infinity).stateAt(this.#number);
  }

  summary(): SnapshotSummary {
    const { hash, outputRoot } = this.#database.blocks.header(this.#number)!;
    return { number: this.#number, hash, outputRoot, rows: this.#rows };
  }

  *frames(): Generator<Frame> {
    const { genesis, configuration } = this.#database;
    yield {
      kind: "start",
      genesisHash: genesis!.hash,
      configuration: configuration!,
      number: this.#number,
      attachment: this.#options.attachment ?? new Uint8Array(),
    };
    yield* this.#blocks();
    yield* this.#state();
  }

  *#blocks(): Generator<Frame> {
    const { blocks } = this.#database;
    const first = Math.max(0, this.#number - hashWindow);
    const numbers = Array.from({ length: this.#number - first + 1 }, (_, i) => first + i);
    for (const number of first === 0 ? numbers : [0, ...numbers]) {
      const header = blocks.header(number);
      // A chain that came from a snapshot itself has no headers below it.
      if (header === undefined) continue;
      const row = number === 0 || number === this.#number ? blocks.rows(number) : undefined;
      yield {
        kind: "block",
        number,
        outputRoot: header.outputRoot,
        headerRlp: fromHex(header.headerRlp),
        content: row,
      };
    }
  }

  *#state(): Generator<Frame> {
    const { state } = this.#database;
    const total = stateTables.reduce((sum, table) => sum + state.rowCount(table), 0);
    for (const table of stateTables) {
      let rows: TableRow[] = [];
      let bytes = 0;
      for (const row of state.rowsAt(table, this.#number)) {
        rows.push(row);
        bytes += row.key.length + row.value.length;
        if (bytes < frameBytes) continue;
        yield this.#counted({ kind: "rows", table, rows }, total);
        rows = [];
        bytes = 0;
      }
      yield this.#counted({ kind: "rows", table, rows }, total);
    }
  }

  #counted(frame: Extract<Frame, { kind: "rows" }>, total: number): Frame {
    this.#rows += frame.rows.length;
    this.#options.onProgress?.({ phase: "rows", done: this.#rows, total: Math.max(total, this.#rows) });
    // The writer's newest commits, and no snapshot that outlives a frame.
    this.#database.refresh();
    return frame;
  }
}
