import { TrieError } from "../trie/node.ts";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { DecodeError, type Hash } from "@metis/protocol";
import { keccak256 } from "viem/utils";
import { fromHex, toHex } from "../bytes.ts";
import { MemoryHost } from "../conformance/memoryHost.ts";
import { MvmError } from "../errors.ts";
import { Kernel, loadKernelModule, recoverKey } from "../kernel/index.ts";
import { decodeBody, encodeBody } from "../storage/body.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import { Database } from "../storage/database.ts";
import { lockFolder, type FolderLock } from "../storage/lock.ts";
import { sendersRequest } from "../wire/requests.ts";
import { readSenders } from "../wire/responses.ts";
import { hashWindow, holdsChain, type SnapshotProgress, type SnapshotSummary } from "./export.ts";
import { decodeSnapshot, type Frame } from "./format.ts";
import {
  outputRootOf,
  stateRootOf,
  verifyBlock,
  verifyHeaders,
  verifyOutputRoots,
  verifyState,
  type RecoverSenders,
} from "./verify.ts";

/** What a file says of itself before anything is checked. */
export interface SnapshotStart {
  readonly genesisHash: Hash;
  readonly number: number;
  readonly attachment: Uint8Array;
}

/** The block of a snapshot, checked, before it counts. */
export interface SnapshotContent extends SnapshotStart {
  readonly block: StoredBlock;
  /** What is put here appears with the chain, in its folder and in the same step. */
  readonly folder: string;
}

export interface ImportSnapshotOptions {
  /** Folder without a chain; created when missing. */
  readonly dataDir: string;
  readonly file: string;
  /** Output root of the block, from whom one trusts: L1's settled claim say. */
  readonly outputRoot: Hash;
  /** Checks what the MVM cannot; what it throws ends the import. Runs last, before the chain appears in `dataDir`. */
  readonly check?: (content: SnapshotContent) => void | Promise<void>;
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

/** genesisDigest of an imported chain: no description's digest, so that the next start computes the genesis anew and compares. */
const unknownDigest: Hash = `0x${"00".repeat(32)}`;

const mismatch = (message: string): MvmError => new MvmError("snapshot-mismatch", message);
const invalid = (message: string): MvmError => new MvmError("snapshot-invalid", message);

/** The unpacked file; what gzip finds damaged becomes "snapshot-invalid" in `decodeSnapshot`. */
async function* unpacked(file: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
  }
}

/** First frame of a snapshot file, unchecked. Throws `MvmError` "snapshot-invalid". */
export async function readSnapshotStart(file: string): Promise<SnapshotStart> {
  for await (const frame of decodeSnapshot(unpacked(file))) {
    if (frame.kind === "start") return frame;
    break;
  }
  throw invalid("The snapshot does not begin with its description.");
}

/** Where a chain is made until it is whole. */
const buildingIn = (dataDir: string): string => join(dataDir, "importing");

/** Throws `MvmError` "snapshot-unfinished" where a chain is being imported, or an import was cut off. */
export async function requireNoImport(dataDir: string): Promise<void> {
  const building = buildingIn(dataDir);
  if (!existsSync(building) || (await holdsChain(dataDir))) return;
  throw new MvmError(
    "snapshot-unfinished",
    `The import of a snapshot into ${dataDir} runs, or was cut off: wait for it, or run it again. ` +
      `To sync from L1 instead, delete ${building}.`,
    undefined,
    { dataDir },
  );
}

/**
 * Makes a chain of a snapshot: its state is checked, row by row, against the state root, and the whole against `outputRoot`. The
 * chain appears in the folder in one step, at the end; after a refusal nothing is left. Its genesis is compared at the next start.
 * An import that was cut off is made anew.
 * Throws `MvmError` "data-dir-busy" while another import runs, "snapshot-target", "snapshot-invalid", "snapshot-mismatch", "disk-full" or "database-io".
 */
export async function importSnapshot(options: ImportSnapshotOptions): Promise<SnapshotSummary> {
  const { dataDir } = options;
  if (await holdsChain(dataDir))
    throw new MvmError("snapshot-target", `There is a chain in ${dataDir}: import into another folder.`);
  const made = await mkdir(dataDir, { recursive: true });
  const building = buildingIn(dataDir);
  const lock = await claimFolder(building);
  try {
    const summary = await build(building, options);
    const chain = join(dataDir, "chain");
    await rename(building, chain);
    lock.release(chain);
    return summary;
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    if (made !== undefined && (await readdir(dataDir)).length === 0) await rm(made, { recursive: true });
    const isDamage = error instanceof TrieError || error instanceof DecodeError;
    throw isDamage ? invalid(`The snapshot does not fit together: ${error.message}.`) : error;
  }
}

/** An empty folder of our own; what an import left that was killed is removed. */
async function claimFolder(path: string): Promise<FolderLock> {
  await mkdir(path, { recursive: true });
  const lock = lockFolder(path);
  const left = (await readdir(path)).filter((name) => !name.startsWith("process.lock"));
  for (const name of left) await rm(join(path, name), { recursive: true });
  return lock;
}

async function build(path: string, options: ImportSnapshotOptions): Promise<SnapshotSummary> {
  const database = Database.open(path);
  try {
    const loader = new Loader(database, await senderRecovery(), options);
    for await (const frame of decodeSnapshot(unpacked(options.file))) {
      database.checkRoom();
      database.transact(() => loader.take(frame));
    }
    database.checkRoom();
    return await loader.finish();
  } finally {
    await database.close();
  }
}

async function senderRecovery(): Promise<RecoverSenders> {
  const host = Object.assign(new MemoryHost(), { ecrecover: recoverKey });
  const kernel = new Kernel(await loadKernelModule(), host);
  return (transactions) => readSenders(kernel.request("recover_senders", sendersRequest(transactions)));
}

type Start = Extract<Frame, { kind: "start" }>;

/** Writes frames into an empty database and checks what they add up to. */
class Loader {
  readonly #database: Database;
  readonly #recover: RecoverSenders;
  readonly #options: ImportSnapshotOptions;
  readonly #headers: { number: number; hash: Hash; outputRoot: Hash; headerRlp: Hash }[] = [];
  #start: Start | undefined;
  #rows = 0;

  constructor(database: Database, recover: RecoverSenders, options: ImportSnapshotOptions) {
    this.#database = database;
    this.#recover = recover;
    this.#options = options;
  }

  take(frame: Frame): void {
    if (frame.kind === "start" && this.#start === undefined) this.#start = frame;
    else if (frame.kind === "block") this.#takeBlock(frame);
    else if (frame.kind === "rows") this.#takeRows(frame);
    else throw invalid("The snapshot has two beginnings.");
  }

  #takeBlock({ number, outputRoot, headerRlp, content }: Extract<Frame, { kind: "block" }>): void {
    const header = { hash: keccak256(headerRlp), outputRoot, headerRlp: toHex(headerRlp) };
    this.#headers.push({ number, ...header });
    const rows = { hash: fromHex(header.hash), outputRoot: fromHex(outputRoot), headerRlp };
    if (content === undefined) return this.#database.blocks.putHeader(number, rows);
    const { receipts } = content;
    const decoded = decodeBody(content.body);
    verifyBlock({ number, ...header, ...decoded }, receipts, this.#recover);
    const transactionHashes = Buffer.concat(decoded.transactionHashes.map(fromHex));
    this.#database.blocks.put({ number, ...rows, body: encodeBody(decoded), receipts, transactionHashes });
  }

  #takeRows({ table, rows }: Extract<Frame, { kind: "rows" }>): void {
    for (const row of rows) {
      if (table === "codes" && keccak256(row.value) !== toHex(row.key))
        throw invalid("The snapshot holds code under a wrong hash.");
      this.#database.state.seedRow(table, row);
    }
    this.#rows += rows.length;
    this.#options.onProgress?.({ phase: "rows", done: this.#rows, total: 0 });
  }

  async finish(): Promise<SnapshotSummary> {
    const start = this.#start;
    if (start === undefined) throw invalid("The snapshot does not begin with its description.");
    const { number } = start;
    const database = this.#database;
    database.refresh();
    const block = database.blocks.block(number);
    if (block === undefined) throw invalid("The snapshot does not hold its block.");
    this.#verifyChain(start, block);
    const found = outputRootOf(database, block.headerRlp);
    const { outputRoot, check, onProgress } = this.#options;
    if (found !== outputRoot)
      throw mismatch(`The snapshot of block ${number} has the output root ${found}, not ${outputRoot}.`);
    const total = database.state.rowCount("accounts");
    verifyState(database, stateRootOf(block.headerRlp), (done) => onProgress?.({ phase: "verify", done, total }));
    await check?.({ ...start, block, folder: database.path });
    database.transact(() => {
      database.setGenesis({ hash: start.genesisHash, digest: unknownDigest, configuration: start.configuration });
      const header = { hash: fromHex(block.hash), outputRoot: fromHex(found), headerRlp: fromHex(block.headerRlp) };
      database.blocks.putHeader(number, header);
      database.setHead({ number, hash: block.hash });
      database.setOldestState(number);
    });
    return { number, hash: block.hash, outputRoot: found, rows: this.#rows };
  }

  #verifyChain({ number, genesisHash }: Start, block: StoredBlock): void {
    const [genesis, ...others] = this.#headers;
    const window = others.length > 0 && others[0]!.number !== 1 ? others : this.#headers;
    verifyHeaders(window);
    const isWhole = window[0]!.number <= Math.max(0, number - hashWindow) && window.at(-1)!.number === number;
    if (genesis?.number !== 0 || genesis.hash !== genesisHash || !isWhole)
      throw invalid("The snapshot's headers do not lead from its genesis to its block.");
    if (block.inputs !== undefined) verifyOutputRoots(window);
  }
}
