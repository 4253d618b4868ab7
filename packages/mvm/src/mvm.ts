import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ChainConfig, Hash, L2BlockNumber } from "@metis/protocol";
import type { Clock, Logger } from "@metis/runtime";
import type { BlockBuilder, BlockContext, BlockRef, ExecutedBlock, Mvm, MvmReader } from "./api.ts";
import { MvmError } from "./errors.ts";
import type { Overlap, WriterSettings } from "./executor/boot.ts";
import { WorkerBuilder } from "./executor/builder.ts";
import { WorkerClient } from "./executor/channel.ts";
import { executedFrom } from "./executor/executed.ts";
import { inGroups } from "./executor/groups.ts";
import { importFile, type ImportProgress, type ImportTarget } from "./executor/importFile.ts";
import { ReaderPool } from "./executor/pool.ts";
import type { Extended, Leaf, Opened } from "./executor/writer.ts";
import { WriterClient } from "./executor/writerClient.ts";
import { decodeConfiguration, type Genesis, type PureSchedule } from "./genesis.ts";
import { loadKernelModule, RecoveryTable } from "./kernel/index.ts";
import { DatabaseReader } from "./reader.ts";
import { Chain } from "./storage/chain.ts";
import { Database, type Head } from "./storage/database.ts";
import type { Prefetch } from "./storage/prefetch.ts";
import { ExitGuard, guardExit } from "./storage/exitGuard.ts";
import { lockFolder, type FolderLock } from "./storage/lock.ts";
import { hexList, rawItems, rawList } from "./wire/raw.ts";
import { recipientsOf } from "./wire/recipients.ts";
import { openFields } from "./wire/requests.ts";

/** Blocks whose state is kept unless an option says otherwise. */
const defaultHistoryBlocks = 100_000;

/** Transactions that are worth the way to another thread. */
const minShare = 8;
/** Transactions after which threads for them are worth starting: one takes about as long as some thousand recoveries. */
const worthThreads = 4000;
/** Threads that recover senders: the writer takes part, and beyond a few execution is what takes the time. */
const recovererCount = (): number => Math.max(1, Math.min(4, availableParallelism() - 1));

/** Processors from which on a thread beside execution gains more than its messages cost: one that writes to the disk, and one that computes roots. */
const worthThread = { commits: 3, roots: 4 } as const;

function overlapOf(processors: number): Overlap {
  if (processors >= worthThread.roots) return "roots";
  return processors >= worthThread.commits ? "commits" : "nothing";
}

export interface OpenOptions {
  /** Folder for the chain's data; created when missing. One process at a time. */
  readonly dataDir: string;
  /** What the chain starts from; absent: the folder holds the chain already. */
  readonly genesis?: Genesis;
  readonly logger?: Logger;
  /** Keeps the state of every block. */
  readonly archive?: boolean;
  /** Otherwise: for how many blocks below the head; 100,000 unless given. */
  readonly historyBlocks?: number;
  /** Workers for calls, estimates and proofs; 1 unless given. */
  readonly readers?: number;
  /** What goes on beside execution; unless given, commits on three processors, roots and commits on more. */
  readonly overlap?: Overlap;
  /** With it, a call that waited five seconds for a reader is refused instead of made. */
  readonly clock?: Pick<Clock, "monotonic">;
}

const leafOf = (context: BlockContext): Leaf => [openFields(context), hexList(context.inputs.transactions)];
const reference = (head: Head): BlockRef => ({ number: BigInt(head.number), hash: head.hash });

/** The engine of this process: owns the writing worker, the reading ones, and a view of the database. */
export class Engine implements Mvm {
  readonly reader: MvmReader;
  readonly config: ChainConfig;
  readonly schedule: PureSchedule | undefined;
  readonly #writer: WriterClient;
  readonly #pool: ReaderPool;
  /** A thread of its own, so that calls of strangers cannot keep the chain from being derived. */
  readonly #deriver: ReaderPool;
  /** Recover senders beside execution. */
  readonly #recoverers: ReaderPool;
  readonly #recoveries: RecoveryTable;
  readonly #database: Database;
  readonly #prefetch: Prefetch;
  readonly #lock: FolderLock;
  #head: BlockRef;
  /** Transactions executed, less those whose keys were told beforehand. */
  #unknown = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    writer: WriterClient,
    [pool, deriver, recoverers]: readonly [ReaderPool, ReaderPool, ReaderPool],
    recoveries: RecoveryTable,
    database: Database,
    chain: Chain,
    head: Head,
    lock: FolderLock,
  ) {
    this.#lock = lock;
    this.#writer = writer;
    this.#pool = pool;
    this.#deriver = deriver;
    this.#recoverers = recoverers;
    this.#recoveries = recoveries;
    this.#database = database;
    this.#prefetch = database.state.prefetch(() => process.resourceUsage().majorPageFault);
    this.#head = reference(head);
    this.reader = new DatabaseReader(chain, pool);
    const { chainConfig, pure } = storedConfiguration(database);
    this.config = chainConfig;
    this.schedule = pure;
  }

  static async open(options: OpenOptions): Promise<Engine> {
    const path = join(options.dataDir, "chain");
    await mkdir(path, { recursive: true });
    const historyBlocks = options.archive ? Infinity : (options.historyBlocks ?? defaultHistoryBlocks);
    const module = await loadKernelModule();
    const recoveries = RecoveryTable.allocate();
    const { genesis, overlap = overlapOf(availableParallelism()) } = options;
    const [guard, commitGuard] = [ExitGuard.allocate(), ExitGuard.allocate()];
    const common = { path, module, historyBlocks };
    const settings: WriterSettings = { ...common, genesis, recoveries, overlap, guard, commitGuard };
    const listen = eventListener(options.logger);
    const lock = guardedLock(lockFolder(path), [guard, commitGuard]);
    const writer = new WriterClient(new WorkerClient("writerWorker", settings, "halt", listen));
    try {
      const head = await writer.call<Head>("head");
      const database = Database.open(path);
      // Calls of strangers keep their keys to themselves: they could push out those that execution needs.
      const startReader = (shared?: object) => () =>
        new WorkerClient("readerWorker", { ...common, ...shared }, "retry", listen);
      const pools = [
        new ReaderPool(options.readers ?? 1, startReader(), options.clock),
        new ReaderPool(1, startReader({ recoveries })),
        new ReaderPool(recovererCount(), startReader({ recoveries })),
      ] as const;
      const table = new RecoveryTable(recoveries);
      return new Engine(writer, pools, table, database, new Chain(database, historyBlocks), head, lock);
    } catch (error) {
      await writer.terminate();
      lock.release();
      throw error;
    }
  }

  head(): BlockRef {
    return this.#head;
  }

  async execute(context: BlockContext): Promise<ExecutedBlock> {
    const leaf = leafOf(context);
    this.#anticipate([leaf], [context]);
    const part = await this.#writer.call<Uint8Array>("execute", ...leaf);
    return executedFrom(part, context.inputs);
  }

  extend(contexts: readonly BlockContext[]): Promise<void> {
    const bytesOf = ([fields, transactions]: Leaf): number => fields.length + transactions.length;
    let done = 0;
    return inGroups(contexts.values().map(leafOf), bytesOf, async ({ blocks }) => {
      this.#anticipate(blocks, contexts.slice(done, (done += blocks.length)));
      await this.#inARow("extend", blocks);
    });
  }

  rememberKey(message: Uint8Array, signature: Uint8Array, recid: number, key: Uint8Array): void {
    this.#recoveries.put(message, signature, recid, key);
    this.#unknown = Math.max(this.#unknown - 1, -RecoveryTable.size);
  }

  async open(context: BlockContext): Promise<BlockBuilder> {
    if (context.inputs.transactions.length > 0)
      throw new MvmError("builder-closed", "A builder starts without transactions: add them one by one.");
    return new WorkerBuilder(this.#writer, await this.#writer.call<Opened>("open", openFields(context)), context);
  }

  async commit(hash: Hash): Promise<void> {
    this.#head = reference(await this.#writer.commit(hash));
  }

  async rewind(number: L2BlockNumber): Promise<void> {
    this.#head = reference(await this.#writer.call<Head>("rewind", Number(number)));
  }

  derive(request: Uint8Array): Promise<Uint8Array> {
    return this.#deriver.call("derive", request);
  }

  /** Pure mode: executes and stores the blocks of an RLP file on the head. */
  async importFile(path: string, onProgress: (progress: ImportProgress) => void = () => {}): Promise<ImportProgress> {
    const { number, hash } = this.#head;
    const target: ImportTarget = {
      head: { number: Number(number), hash },
      importBlocks: (blocks) => this.#inARow("importBlocks", blocks),
      prepare: (blocks) => this.#prepare(blocks, (share) => this.#recoverers.call("prepareBlocks", share)),
    };
    return importFile(target, path, onProgress);
  }

  /** Resolves when blocks in a row are on disk; when it throws, those before the bad one are. */
  async #inARow(method: "extend" | "importBlocks", blocks: readonly unknown[]): Promise<Extended> {
    try {
      const extended = await this.#writer.call<Extended>(method, blocks);
      this.#head = reference(extended.head);
      return extended;
    } catch (error) {
      await this.#writer.call<Head>("head").then(
        (head) => (this.#head = reference(head)),
        () => {},
      );
      throw error;
    }
  }

  /** Begins what can be done before blocks are executed. `leaves`: those of `contexts`. */
  #anticipate(leaves: readonly Leaf[], contexts: readonly BlockContext[]): void {
    let count = 0;
    for (const [i, { inputs }] of contexts.entries()) {
      const [, transactions] = leaves[i]!;
      const { length } = inputs.transactions;
      if (this.#closing === undefined) this.#prefetch.begin(() => recipientsOf(transactions), length);
      count += length;
    }
    this.#unknown += count;
    if (count < 2 * minShare || this.#unknown <= worthThreads) return;
    const all = leaves.flatMap(([, transactions]) => rawItems(transactions));
    this.#prepare(all, (share) => this.#recoverers.call("prepareSenders", rawList(share)));
  }

  /** Hands `items` on to the recovering threads, in equal shares. */
  #prepare<Item>(items: readonly Item[], hand: (share: readonly Item[]) => Promise<unknown>): void {
    const share = Math.max(1, Math.ceil(items.length / this.#recoverers.size));
    for (let at = 0; at < items.length; at += share)
      // A help, not a duty: whoever needs a sender recovers it when nobody has.
      hand(items.slice(at, at + share)).catch(() => {});
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([this.#pool.close(), this.#deriver.close(), this.#recoverers.close()]);
      if (!this.#writer.isLost) await this.#writer.call("close");
      await this.#writer.terminate();
      await this.#database.close();
    } finally {
      this.#lock.release();
    }
  }
}

function storedConfiguration(database: Database): ReturnType<typeof decodeConfiguration> {
  const configuration = database.configuration;
  if (configuration === undefined) throw new MvmError("database-corrupt", "The database has no chain config.");
  return decodeConfiguration(configuration);
}

interface WorkerEvent {
  readonly log?: { readonly level: number; readonly text: string };
}

const kernelLevels = ["error", "warn", "info", "debug", "trace"] as const;

/** While the folder is locked, the process does not end in the middle of what threads with these guards write. */
function guardedLock(lock: FolderLock, guards: readonly SharedArrayBuffer[]): FolderLock {
  const unguard = guardExit(guards.map((memory) => new ExitGuard(memory)));
  return {
    release: () => {
      unguard();
      lock.release();
    },
  };
}

const eventListener =
  (logger: Logger | undefined): ((event: unknown) => void) =>
  (event) => {
    const { log } = event as WorkerEvent;
    if (log !== undefined) logger?.[kernelLevels[log.level] ?? "debug"](log.text);
  };

/**
 * Opens the chain in `options.dataDir`, creating it from the genesis when the folder is empty.
 * Throws `MvmError` "data-dir-busy" while another process uses the folder, "database-format", "database-genesis", "genesis-invalid", "database-io" or "disk-full".
 */
export const openMvm = (options: OpenOptions): Promise<Engine> => Engine.open(options);

/**
 * Executes an Ethereum chain (blocks in RLP, one after the other) in pure mode into `options.dataDir`; what the folder has
 * already is skipped. Throws `MvmError` "import-invalid" or the kernel's refusal; the blocks before the bad one stay.
 */
export async function importChain(
  options: OpenOptions & { readonly chainFile: string; readonly onProgress?: (progress: ImportProgress) => void },
): Promise<ImportProgress> {
  const engine = await Engine.open(options);
  try {
    return await engine.importFile(options.chainFile, options.onProgress);
  } finally {
    await engine.close();
  }
}
