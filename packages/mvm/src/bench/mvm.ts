import type { BlockRef, ExecutedBlock } from "../api.ts";
import { openMvm, type Engine, type OpenOptions } from "../mvm.ts";
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

/** As a sequencer does: a block is built while the last one is on its way to the disk. */
async function buildBlocks(mvm: Engine, blocks: readonly (readonly Signed[])[]): Promise<void> {
  let head = mvm.head();
  const commits: Promise<void>[] = [];
  for (const signed of blocks) {
    head = await build(mvm, head, signed);
    commits.push(mvm.commit(head.hash));
  }
  await Promise.all(commits);
}

/** As derivation does: all of them at once. */
export async function extendBy(mvm: Engine, blocks: readonly (readonly Signed[])[]): Promise<void> {
  const { number, hash } = mvm.head();
  const contexts = blocks.map((signed, i) =>
    nextContext({ number: number + BigInt(i), hash }, { transactions: signed.map(({ raw }) => raw) }),
  );
  await mvm.extend(contexts);
}

/** What `work` cost the whole process. */
export async function costOf(work: () => Promise<void>): Promise<Omit<MvmCosts, "gasUsed">> {
  const before = { cpu: ownCpu(), wall: performance.now() };
  await work();
  return { cpu: ownCpu() - before.cpu, wall: performance.now() - before.wall };
}

/**
 * Executes, computes receipts and roots, and commits each block durably; tells what the whole process spent until all were on
 * disk. Throws when a transaction is not in its block.
 */
export async function runBlocks(mvm: Engine, mode: Mode, blocks: readonly (readonly Signed[])[]): Promise<MvmCosts> {
  const first = mvm.head().number + 1n;
  const costs = await costOf(() => (mode === "builder" ? buildBlocks : extendBy)(mvm, blocks));
  let gasUsed = 0n;
  for (const [i, signed] of blocks.entries()) {
    const receipts = (await mvm.reader.receipts(first + BigInt(i))) ?? [];
    if (receipts.length < signed.length) throw new Error(`mvm skipped ${signed.length - receipts.length} transactions`);
    gasUsed += receipts.at(-1)?.cumulativeGasUsed ?? 0n;
  }
  return { ...costs, gasUsed };
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
  overlap?: OpenOptions["overlap"],
): Promise<{ readonly mvm: Engine; remove(): Promise<void> }> {
  const folder = temporaryFolder();
  const balances = Object.fromEntries([
    ...Array.from({ length: accounts }, (_, i) => [recipient(i), 1n] as const),
    ...funded.map((address) => [address, 10n ** 24n] as const),
  ]);
  await (await openMvm({ dataDir: folder.path, genesis: rollupGenesis(balances) })).close();
  const mvm = await openMvm({ dataDir: folder.path, ...(overlap && { overlap }) });
  const remove = async (): Promise<void> => {
    await mvm.close();
    folder.remove();
  };
  return { mvm, remove };
}
