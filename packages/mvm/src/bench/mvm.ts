import { openMvm } from "../mvm.ts";
import { nextContext, rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { funded, recipient, type Workload } from "./workload.ts";
import { measured, type Run } from "./measure.ts";

/**
 * Runs the workloads through execution, receipts, roots and the durable commit of every block, on a state of `accounts`
 * accounts in a database that was closed and opened again.
 */
export async function runMvm(workloads: readonly Workload[], accounts: number): Promise<Run[]> {
  const folder = temporaryFolder();
  const balances = Object.fromEntries([
    ...Array.from({ length: accounts }, (_, i) => [recipient(i), 1n] as const),
    ...funded.map((address) => [address, 10n ** 24n] as const),
  ]);
  await (await openMvm({ dataDir: folder.path, genesis: rollupGenesis(balances) })).close();
  const mvm = await openMvm({ dataDir: folder.path });
  const execute = async (blocks: Workload["blocks"]): Promise<void> => {
    for (const transactions of blocks) {
      const block = await mvm.execute(nextContext(mvm.head(), { transactions }));
      if (block.skipped.length > 0) throw new Error(`skipped: ${block.skipped[0]!.reason.message}`);
      await mvm.commit(block.hash);
    }
  };
  const runs: Run[] = [];
  for (const workload of workloads) {
    await execute(workload.warmUp);
    runs.push(await measured(workload, () => execute(workload.blocks)));
  }
  await mvm.close();
  folder.remove();
  return runs;
}
