// A writer without a worker, and the blocks that tests give it.
import type { TestContext } from "node:test";
import type { Hex } from "viem";
import type { BlockContext, BlockRef, ExecutedBlock } from "../api.ts";
import { openEngine, openOrCreateEngine, type Engine } from "../executor/boot.ts";
import { executedFrom } from "../executor/executed.ts";
import type { Writer } from "../executor/writer.ts";
import type { Genesis } from "../genesis.ts";
import { loadKernelModule } from "../kernel/index.ts";
import { Database, type Head } from "../storage/database.ts";
import { hexList } from "../wire/raw.ts";
import { openFields } from "../wire/requests.ts";
import { bob, rollupGenesis, signed } from "./rollup.ts";
import { temporaryFolder } from "./synthetic.ts";

/** A kernel and a view of a database, as one thread has them, beside those of other threads. */
export interface TestEngine extends Engine {
  readonly disk: Database;
  /** A kernel of its own on the same database. */
  readonly another: () => Engine;
}

/** A new chain, and a second view of its database, as another thread has it. `close`: what must end before the database does. */
export async function newEngine(
  t: TestContext,
  close: () => Promise<void> = async () => {},
  genesis: Genesis = rollupGenesis(),
): Promise<TestEngine> {
  const folder = temporaryFolder();
  const module = await loadKernelModule();
  const settings = { path: folder.path, module, genesis, historyBlocks: 100 };
  const engine = openOrCreateEngine(settings, () => {});
  const disk = Database.open(folder.path);
  const opened = [disk, engine.chain.database];
  t.after(async () => {
    await close();
    for (const database of opened) await database.close();
    folder.remove();
  });
  const another = (): Engine => {
    const next = openEngine(settings, () => {});
    opened.unshift(next.chain.database);
    return next;
  };
  return { ...engine, disk, another };
}

export function execute(writer: Writer, context: BlockContext): ExecutedBlock {
  const { bytes } = writer.execute(openFields(context), hexList(context.inputs.transactions));
  return executedFrom(bytes, context.inputs);
}

/** One unit to Bob. */
export const transfer = (nonce: number): Promise<Hex> => signed(nonce, { to: bob, value: 1n, gas: 21_000n });

export const refOf = ({ number, hash }: Head): BlockRef => ({ number: BigInt(number), hash });
