import { openMvm } from "../mvm.ts";
import { nextContext, rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { funded, type Workload } from "./workload.ts";
import { measured, type Run } from "./measure.ts";

/** Runs the workloads through execution, receipts, roots and the durable commit of every block. */
export async function runMvm(workloads: readonly Workload[]): Promise<Run[]> {
  const folder = temporaryFolder();
  const balances = Object.fromEntries(funded.map((address) => [address, 10n ** 24n]));
  const mvm = await openMvm({ dataDir: folder.path, genesis: rollupGenesis(balances) });
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
