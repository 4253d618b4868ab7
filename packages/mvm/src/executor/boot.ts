import { toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { encodeGenesis, encodeConfiguration, genesisDigest, type Genesis } from "../genesis.ts";
import { Chain } from "../storage/chain.ts";
import { Database } from "../storage/database.ts";
import { ExitGuard } from "../storage/exitGuard.ts";
import { readSealed } from "../wire/sealed.ts";
import { RecoveryTable } from "../kernel/index.ts";
import { StateHost } from "./host.ts";
import { KernelSlot } from "./kernelSlot.ts";
import { storedFrom } from "./sealed.ts";

/** What a worker is started with. */
export interface WorkerSettings {
  /** Folder of the database. */
  readonly path: string;
  /** mvm.wasm, compiled once for all workers. */
  readonly module: WebAssembly.Module;
  /** Absent: the database holds its chain already. */
  readonly genesis?: Genesis | undefined;
  /** Blocks below the head whose state is kept; `Infinity` for all. */
  readonly historyBlocks: number;
  /** Table of recovered keys that this thread shares with others (`RecoveryTable`). */
  readonly recoveries?: SharedArrayBuffer;
  /** Of this thread, if it writes while another one may end the process (`ExitGuard`). */
  readonly guard?: SharedArrayBuffer;
}

/** What goes on beside the execution of the next block, in threads of their own: nothing, commits, or roots and commits. */
export type Overlap = "nothing" | "commits" | "roots";

export interface WriterSettings extends WorkerSettings {
  /** Of the thread that commits (`ExitGuard`). */
  readonly commitGuard: SharedArrayBuffer;
  readonly overlap: Overlap;
}

export interface Engine {
  readonly chain: Chain;
  readonly slot: KernelSlot;
  readonly host: StateHost;
}

type Log = (level: number, text: string) => void;

const openDatabase = ({ path, guard }: WorkerSettings): Database => Database.open(path, guard && new ExitGuard(guard));

/** A kernel on the database in `settings.path`, which holds its chain already. */
export function openEngine(settings: WorkerSettings, log: Log): Engine {
  const database = openDatabase(settings);
  const configuration = database.configuration;
  if (configuration === undefined)
    throw new MvmError("genesis-invalid", "The data directory is empty: a genesis is needed to start a chain.");
  return engineOn(database, configuration, settings, log);
}

/**
 * As `openEngine`, but writes the genesis into an empty database first, and takes over a newer chain config.
 * Throws `MvmError` "database-genesis" when the database holds another chain.
 */
export function openOrCreateEngine(settings: WorkerSettings, log: Log): Engine {
  const { genesis } = settings;
  if (genesis === undefined) return openEngine(settings, log);
  const database = openDatabase(settings);
  const configuration = encodeConfiguration(genesis);
  const request = encodeGenesis(genesis);
  const digest = genesisDigest(configuration, request);
  const engine = engineOn(database, configuration, settings, log);
  const stored = database.genesis;
  if (stored?.digest === digest) return engine;
  const first = storedFrom(readSealed(engine.slot.request(emptyState, "genesis", request)));
  const record = { hash: toHex(first.block.hash), digest, configuration };
  if (stored === undefined) engine.chain.seed(record, first);
  else if (stored.hash === record.hash)
    database.transact(() => {
      database.setGenesis(record);
      // After a snapshot: what it said beside the header was not checked.
      database.blocks.put(first.block);
    });
  else
    throw new MvmError(
      "database-genesis",
      `The data in ${settings.path} belongs to another chain: its genesis is ${stored.hash}, the one given ${record.hash}. ` +
        "Use another data directory, or delete this one (metis devnet --reset) to start anew.",
      undefined,
      { stored: stored.hash, given: record.hash },
    );
  return engine;
}

function engineOn(database: Database, configuration: Uint8Array, settings: WorkerSettings, log: Log): Engine {
  const recoveries = settings.recoveries && new RecoveryTable(settings.recoveries);
  const host = new StateHost((number) => database.blocks.hash(number), log, recoveries);
  const slot = new KernelSlot(settings.module, host, configuration);
  return { chain: new Chain(database, settings.historyBlocks), slot, host };
}

const emptyState = {
  account: () => undefined,
  storage: () => undefined,
  node: () => undefined,
  code: () => undefined,
};
