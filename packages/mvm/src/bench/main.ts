// npm run bench -w @metis/mvm [-- --blocks N --accounts N]: the same signed transactions through this engine, anvil and ethereumjs.
import { parseArgs } from "node:util";
import { runAnvil } from "./anvil.ts";
import { runEthereumjs } from "./ethereumjs.ts";
import type { Run } from "./measure.ts";
import { runMvm } from "./mvm.ts";
import { tokenTransfers, transfers, type Workload } from "./workload.ts";

const { values } = parseArgs({
  options: { blocks: { type: "string", default: "20" }, accounts: { type: "string", default: "20000" } },
});
const blocks = Number(values.blocks);
const accounts = Number(values.accounts);
const workloads = [await transfers(blocks, 500, accounts), await tokenTransfers(blocks, 300, accounts)];

const engines: readonly (readonly [name: string, run: (all: readonly Workload[]) => Promise<Run[] | undefined>])[] = [
  ["mvm (lmdb, durable)", (all) => runMvm(all, accounts)],
  ["anvil (RPC, memory)", runAnvil],
  ["ethereumjs (memory)", runEthereumjs],
];

console.log(
  `${blocks} blocks each: execution, receipts, roots, storage. mvm: ${accounts} accounts in lmdb, reopened, page`,
);
console.log("cache warm; the others start empty in memory. cpu of all threads; ratio: cpu to the first engine's.\n");
console.log(["workload".padEnd(18), "engine".padEnd(22), "tx/s", "wall µs/tx", "cpu µs/tx", "ratio"].join("  "));
const baseline: number[] = [];
for (const [name, run] of engines) {
  const runs = await run(workloads);
  if (runs === undefined) console.log(`${name}: not installed`);
  for (const [i, { transactions, wall, cpu }] of (runs ?? []).entries()) {
    const each = (millis: number): number => (millis * 1000) / transactions;
    baseline[i] ??= each(cpu);
    const columns = [
      workloads[i]!.name.padEnd(18),
      name.padEnd(22),
      ((transactions * 1000) / wall).toFixed(0).padStart(5),
      each(wall).toFixed(0).padStart(9),
      each(cpu).toFixed(0).padStart(9),
      (each(cpu) / baseline[i]).toFixed(2).padStart(5),
    ];
    console.log(columns.join("  "));
  }
}
