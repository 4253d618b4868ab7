import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Hex } from "viem";
import { numberToHex } from "viem/utils";
import { chainId } from "../testing/rollup.ts";
import { measured, type Run } from "./measure.ts";
import { funded, type Workload } from "./workload.ts";

/** Transactions in one JSON-RPC batch. */
const batch = 250;
/** Kernel ticks a second in /proc/<pid>/stat: 100 on every Linux that Node supports. */
const ticks = 100;

/** Processor time of a process in milliseconds; NaN where there is no /proc. */
function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks;
  } catch {
    return Number.NaN;
  }
}

type Rpc = (calls: readonly { readonly method: string; readonly params: readonly unknown[] }[]) => Promise<unknown[]>;

const rpcOf =
  (url: string): Rpc =>
  async (calls) => {
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call })));
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const results = (await answer.json()) as { id: number; result?: unknown; error?: { message: string } }[];
    const failed = results.find((result) => result.error !== undefined);
    if (failed?.error !== undefined) throw new Error(`anvil: ${failed.error.message}`);
    return results.toSorted((a, b) => a.id - b.id).map((result) => result.result);
  };

async function execute(rpc: Rpc, blocks: readonly (readonly Hex[])[]): Promise<void> {
  for (const transactions of blocks) {
    for (let at = 0; at < transactions.length; at += batch)
      await rpc(transactions.slice(at, at + batch).map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] })));
    await rpc([{ method: "evm_mine", params: [] }]);
    const [block] = (await rpc([{ method: "eth_getBlockByNumber", params: ["latest", false] }])) as [
      { transactions: unknown[] },
    ];
    if (block.transactions.length !== transactions.length)
      throw new Error(`anvil mined ${block.transactions.length} of ${transactions.length} transactions`);
  }
}

/** Runs the workloads through anvil: JSON-RPC in batches, state in memory. `undefined` when it is not installed. */
export async function runAnvil(workloads: readonly Workload[]): Promise<Run[] | undefined> {
  let binary: string;
  try {
    binary = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/bin/anvil");
  } catch {
    return undefined;
  }
  const options = ["--port", "0", "--no-mining", "--order", "fifo", "--chain-id", String(chainId), "--accounts", "0"];
  const limits = ["--gas-limit", "30000000", "--base-fee", "1000000000", "--hardfork", "osaka"];
  const child = spawn(binary, [...options, ...limits], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let printed = "";
    while (!/Listening on (\S+)/.test(printed))
      printed += ((await once(child.stdout, "data")) as [Buffer])[0].toString();
    child.stdout.resume();
    const rpc = rpcOf(`http://${/Listening on (\S+)/.exec(printed)![1]}`);
    await rpc(funded.map((address) => ({ method: "anvil_setBalance", params: [address, numberToHex(10n ** 24n)] })));
    const runs: Run[] = [];
    for (const workload of workloads) {
      await execute(rpc, workload.warmUp);
      runs.push(
        await measured(
          workload,
          () => execute(rpc, workload.blocks),
          () => cpuOf(child.pid!),
        ),
      );
    }
    return runs;
  } finally {
    child.kill();
  }
}
