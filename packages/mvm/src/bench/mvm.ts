import type { BlockRef, ExecutedBlock } from "../api.ts";
import { openMvm, type Engine } from "../mvm.ts";
import { nextContext, rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import type { Address } from "viem";
import { ownCpu } from "./processes.ts";
import { recipient, type Signed } from "./wallets.ts";

/**
 * How a block is made: `builder` as a sequencer does, transaction by transaction, senders known to its pool; `bytes` as a
 * replica does, from the posted bytes, senders recovered.
 */
export type Mode = "builder" | "bytes";

/** Transactions on their way to the builder at a time, as the sequencer has them. */
const inFlight = 64;

export interface MvmCosts {
  readonly cpu: number;
  readonly wall: number;
  readonly gasUsed: bigint;
}

async function build(mvm: Engine, head: BlockRef, transactions: readonly Signed[]): Promise<ExecutedBlock> {
  const builder = await mvm.open(nextContext(head));
  for (let at = 0; at < transactions.length; at += inFlight) {
    const some = transactions.slice(at, at + inFlight);
    const results = await Promise.all(some.map(({ raw, sender }) => builder.add(raw, sender)));
    for (const result of results) if (!result.included) throw new Error(`mvm refused: ${result.reason.message}`);
  }
  return builder.seal();
}

async function execute(mvm: Engine, head: BlockRef, signed: readonly Signed[]): Promise<ExecutedBlock> {
  const transactions = signed.map(({ raw }) => raw);
  const block = await mvm.execute(nextContext(head, { transactions }));
  if (block.skipped.length > 0) throw new Error(`mvm skipped: ${block.skipped[0]!.reason.message}`);
  return block;
}

/**
 * Executes, computes receipts and roots, and commits each block durably, the next one's execution beside the last one's commit;
 * tells what the whole process spent until all were on disk.
 */
export async function runBlocks(mvm: Engine, mode: Mode, blocks: readonly (readonly Signed[])[]): Promise<MvmCosts> {
  const before = { cpu: ownCpu(), wall: performance.now() };
  let gasUsed = 0n;
  let head = mvm.head();
  const commits: Promise<void>[] = [];
  for (const signed of blocks) {
    const block = await (mode === "builder" ? build(mvm, head, signed) : execute(mvm, head, signed));
    commits.push(mvm.commit(block.hash));
    gasUsed += block.gasUsed;
    head = block;
  }
  await Promise.all(commits);
  return { cpu: ownCpu() - before.cpu, wall: performance.now() - before.wall, gasUsed };
}

/** Throws when a transaction of the newest block failed: it would cost less than what is to be measured. */
export async function assertSucceeded(mvm: Engine): Promise<void> {
  const receipts = await mvm.reader.receipts(mvm.head().number);
  const failed = receipts?.findIndex(({ status }) => status === 0) ?? -1;
  if (failed !== -1) throw new Error(`mvm: transaction ${failed} failed with ${receipts![failed]!.gasUsed} gas used`);
}

/** A chain of `accounts` accounts beside the funded ones, in a database that was closed and opened again. */
export async function reopenedChain(
  funded: readonly Address[],
  accounts: number,
): Promise<{ readonly mvm: Engine; remove(): Promise<void> }> {
  const folder = temporaryFolder();
  const balances = Object.fromEntries([
    ...Array.from({ length: accounts }, (_, i) => [recipient(i), 1n] as const),
    ...funded.map((address) => [address, 10n ** 24n] as const),
  ]);
  await (await openMvm({ dataDir: folder.path, genesis: rollupGenesis(balances) })).close();
  const mvm = await openMvm({ dataDir: folder.path });
  const remove = async (): Promise<void> => {
    await mvm.close();
    folder.remove();
  };
  return { mvm, remove };
}
