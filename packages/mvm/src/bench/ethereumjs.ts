import { createBlock } from "@ethereumjs/block";
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createTxFromRLP } from "@ethereumjs/tx";
import { createAccount, createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { createVM, runBlock } from "@ethereumjs/vm";
import { chainId } from "../testing/rollup.ts";
import { measured, type Run } from "./measure.ts";
import { funded, type Workload } from "./workload.ts";

/** Runs the workloads through ethereumjs: execution, receipts and state root, with the trie in memory. */
export async function runEthereumjs(workloads: readonly Workload[]): Promise<Run[]> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Cancun });
  const stateManager = new MerkleStateManager({ common });
  await stateManager.checkpoint();
  for (const address of funded)
    await stateManager.putAccount(createAddressFromString(address), createAccount({ balance: 10n ** 24n }));
  await stateManager.commit();
  const vm = await createVM({ common, stateManager });
  let number = 1n;
  const execute = async (blocks: Workload["blocks"]): Promise<void> => {
    for (const raw of blocks) {
      const transactions = raw.map((bytes) => createTxFromRLP(hexToBytes(bytes), { common }));
      const header = { number, timestamp: 1_800_000_000n + number, gasLimit: 30_000_000n, baseFeePerGas: 10n ** 9n };
      const block = createBlock({ header, transactions }, { common, skipConsensusFormatValidation: true });
      const { receipts } = await runBlock(vm, { block, generate: true, skipBlockValidation: true });
      if (receipts.some((receipt) => "status" in receipt && receipt.status !== 1))
        throw new Error("ethereumjs: failed");
      number++;
    }
  };
  const runs: Run[] = [];
  for (const workload of workloads) {
    await execute(workload.warmUp);
    runs.push(await measured(workload, () => execute(workload.blocks)));
  }
  return runs;
}
