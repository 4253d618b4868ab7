// What the load cost on L1, how long a withdrawal takes, how fast an empty node follows, what all of it weighs.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildWithdrawalProof,
  finalizeWithdrawal,
  getWithdrawal,
  initiateWithdrawal,
  settle,
  waitForWithdrawalStatus,
  ClientError,
  type MetisL1Contracts,
} from "@metis/client";
import { createNode, decodeDeployment, nodeOptions } from "@metis/node";
import { batchInboxAbi } from "@metis/protocol/contracts";
import { silentLogger, systemClock } from "@metis/runtime";
import type { RunningDevnet } from "@metis/testing";
import { createClient, createPublicClient, http, parseEther, type Account } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { until } from "../world.ts";

const clock = systemClock();

/** Resident memory of a devnet's processes in MiB, by role. Linux and macOS. */
export function memoryOf({ summary, process: supervisor }: RunningDevnet): Readonly<Record<string, number>> {
  const resident = (pid: number): number =>
    Math.round(Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1_024);
  const children = summary.processes.map(({ role, pid }) => [role, resident(pid)] as const);
  return Object.fromEntries([["supervisor", resident(supervisor.pid)], ...children]);
}

export interface BatchCosts {
  readonly batches: number;
  readonly blobBatches: number;
  readonly payloadBytes: number;
  readonly l1Gas: bigint;
}

/** Waits until L2 block `lastBlock` is on L1, then adds up the batches from the one with `firstBlock` on. */
export async function batchCosts(devnet: RunningDevnet, firstBlock: bigint, lastBlock: bigint): Promise<BatchCosts> {
  const { l1, l2, contracts } = devnet.summary;
  const reader = createPublicClient({ transport: http(l1.rpc), cacheTime: 0 });
  const node = createPublicClient({ transport: http(l2.rpc[0]), cacheTime: 0 });
  await until("the load is on L1", async () => (await node.getBlock({ blockTag: "safe" })).number >= lastBlock);
  const logs = await reader.getContractEvents({
    address: contracts["batchInbox"]!,
    abi: batchInboxAbi,
    eventName: "BatchPosted",
    fromBlock: 0n,
    strict: true,
  });
  const first = (await node.getBlock({ blockNumber: firstBlock })).timestamp;
  const last = (await node.getBlock({ blockNumber: lastBlock })).timestamp;
  const costs = { batches: 0, blobBatches: 0, payloadBytes: 0, l1Gas: 0n };
  let previousEnd = 0n;
  for (const { args, transactionHash } of logs) {
    const { lastTimestamp, payloadSize, dataMode } = args.header;
    if (lastTimestamp >= first && previousEnd < last) {
      costs.batches += 1;
      costs.blobBatches += dataMode === 1 ? 1 : 0;
      costs.payloadBytes += payloadSize;
      costs.l1Gas += (await reader.getTransactionReceipt({ hash: transactionHash })).gasUsed;
    }
    previousEnd = lastTimestamp;
  }
  return costs;
}

/** Seconds that a node with an empty disk needs to derive everything up to L2 block `target`. */
export async function syncSeconds(devnet: RunningDevnet, target: bigint): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "metis-bench-sync-"));
  const { rpc } = devnet.summary.l1;
  const options = nodeOptions({ dataDir, "l1.rpc": rpc, "l1.beacon": [rpc], "l1.pollMs": 50 });
  const deployment = decodeDeployment(readFileSync(join(devnet.dataDir, "deployment.json")));
  const began = clock.monotonic();
  const node = createNode(options, { logger: silentLogger(), deployment });
  try {
    await node.start();
    await until("the empty node is there", () => node.base.heads.heads().safe.number >= target);
    return (clock.monotonic() - began) / 1_000;
  } finally {
    await node.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Seconds from sending a METIS withdrawal on L2 to its money on L1. */
export async function withdrawalSeconds(devnet: RunningDevnet, account: Account): Promise<number> {
  const { l1, l2 } = devnet.summary;
  const contracts = devnet.summary.contracts as unknown as MetisL1Contracts;
  const options = { cacheTime: 0, pollingInterval: 200 } as const;
  const l1Client = createClient({ ...options, transport: http(l1.rpc) });
  const l2Client = createClient({ ...options, transport: http(l2.rpc[0]) });
  const began = clock.monotonic();
  const hash = await initiateWithdrawal(l2Client, { account, asset: "metis", amount: parseEther("1") });
  const withdrawal = getWithdrawal(await waitForTransactionReceipt(l2Client, { hash }));
  const common = { contracts, withdrawal, l2Client } as const;
  const due = await waitForWithdrawalStatus(l1Client, {
    ...common,
    statuses: ["ready-to-settle", "ready-to-finalize"],
  });
  if (due.status === "ready-to-settle") await settleUnlessDone(l1Client, account, contracts, due.batchIndex);
  await waitForWithdrawalStatus(l1Client, { ...common, statuses: ["ready-to-finalize"] });
  const proof = await buildWithdrawalProof(l1Client, common);
  const paid = await finalizeWithdrawal(l1Client, { account, contracts, withdrawal, proof });
  await waitForTransactionReceipt(l1Client, { hash: paid });
  return (clock.monotonic() - began) / 1_000;
}

async function settleUnlessDone(
  client: ReturnType<typeof createClient>,
  account: Account,
  contracts: MetisL1Contracts,
  batchIndex: bigint,
): Promise<void> {
  try {
    await waitForTransactionReceipt(client, { hash: await settle(client, { account, contracts, batchIndex }) });
  } catch (error) {
    // The node's proposer came first.
    if (!(error instanceof ClientError) || error.code !== "contract-refused") throw error;
  }
}
