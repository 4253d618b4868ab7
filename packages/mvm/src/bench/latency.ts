// How long an eth_call takes while blocks are executed and committed beside it.
import { setTimeout as sleep } from "node:timers/promises";
import { encodeFunctionData, getContractAddress, parseAbi } from "viem/utils";
import type { CallRequest } from "../api.ts";
import type { Engine } from "../mvm.ts";
import { nextContext } from "../testing/rollup.ts";
import { reopenedChain, runBlocks } from "./mvm.ts";
import { percentile, progress, type Row, type Section } from "./report.ts";
import { Wallets, type Signed } from "./wallets.ts";
import { tokenTransfers, transfers, type Workload } from "./workload.ts";

/** Transactions a second that the writer is given, in so many blocks. */
const rate = 5_000;
const blocksPerSecond = 5;
const secondsLoaded = 10;
const secondsIdle = 3;
const callsPerSecond = 200;
/** Calls whose time does not count, while compilers are at work. */
const warmUpCalls = 400;
const accounts = 20_000;
const recipients = 1_000;

const abi = parseAbi(["function balanceOf(address owner) view returns (uint256)"]);

/** Makes calls at an even pace until told to stop; returns milliseconds from asking to the answer. */
async function callsUntil(
  stopped: { readonly aborted: boolean },
  mvm: Engine,
  request: CallRequest,
): Promise<number[]> {
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const one = async (): Promise<void> => {
    const before = performance.now();
    const result = await mvm.reader.call(request, "latest");
    if (result.status !== "success") throw new Error(`eth_call: ${result.status}`);
    times.push(performance.now() - before);
  };
  const start = performance.now();
  for (let i = 0; !stopped.aborted; i++) {
    pending.push(one());
    const due = start + ((i + 1) * 1000) / callsPerSecond;
    await sleep(Math.max(0, due - performance.now()));
  }
  await Promise.all(pending);
  return times;
}

/** Executes blocks at the wanted rate or as fast as it goes, commits beside the next one; returns transactions a second. */
async function load(mvm: Engine, blocks: readonly (readonly Signed[])[]): Promise<number> {
  const start = performance.now();
  const commits: Promise<void>[] = [];
  let head = mvm.head();
  for (const [i, signed] of blocks.entries()) {
    const due = start + (i * 1000) / blocksPerSecond;
    await sleep(Math.max(0, due - performance.now()));
    const transactions = signed.map(({ raw }) => raw);
    const block = await mvm.execute(nextContext(head, { transactions }));
    head = block;
    commits.push(mvm.commit(block.hash));
  }
  await Promise.all(commits);
  const transactions = blocks.reduce((sum, block) => sum + block.length, 0);
  return transactions / Math.max((performance.now() - start) / 1000, blocks.length / blocksPerSecond);
}

async function during<Result>(mvm: Engine, request: CallRequest, work: () => Promise<Result>) {
  const stop = new AbortController();
  const calls = callsUntil(stop.signal, mvm, request);
  const result = await work().finally(() => stop.abort());
  return { result, times: await calls };
}

const rowOf = (what: string, transactions: number, times: readonly number[]): Row => ({
  "the writer": what,
  "tx a second": transactions,
  calls: String(times.length),
  "p50 ms": percentile(times, 0.5),
  "p99 ms": percentile(times, 0.99),
  "longest ms": Math.max(...times),
});

async function prepared(): Promise<{
  readonly token: Workload;
  readonly loads: Workload;
  readonly wallets: readonly Wallets[];
}> {
  const [holder, senders] = [new Wallets(50, 0), new Wallets(50, 1)];
  const token = await tokenTransfers(holder, { blocks: 0, perBlock: 50, recipients: 50 });
  const size = { blocks: secondsLoaded * blocksPerSecond, perBlock: rate / blocksPerSecond, recipients };
  return { token, loads: await transfers(senders, size), wallets: [holder, senders] };
}

/** Latency of `eth_call` (an ERC-20 balance) in the reading worker, idle and beside a busy writer. */
export async function callLatency(): Promise<Section> {
  progress("call: signing transactions");
  const { token, loads, wallets } = await prepared();
  const holder = wallets[0]!.addresses[0]!;
  const funded = wallets.flatMap(({ addresses }) => addresses);
  const chain = await reopenedChain(funded, accounts);
  const to = getContractAddress({ from: holder, nonce: 0n });
  const request = { to, data: encodeFunctionData({ abi, functionName: "balanceOf", args: [holder] }) };
  try {
    await runBlocks(chain.mvm, "bytes", [...token.before, ...loads.before]);
    for (let i = 0; i < warmUpCalls; i++) await chain.mvm.reader.call(request, "latest");
    progress("call: idle, then under load");
    const idle = await during(chain.mvm, request, () => sleep(secondsIdle * 1000));
    const busy = await during(chain.mvm, request, () => load(chain.mvm, loads.blocks));
    const rows = [rowOf("idle", 0, idle.times), rowOf("executes and commits", busy.result, busy.times)];
    const asked = `Asked for: ${rate} transfers a second in ${blocksPerSecond} blocks; ${callsPerSecond} calls a second, one reading worker, no JSON-RPC.`;
    return { name: "call", title: "eth_call (an ERC-20 balance) beside the writer", rows, notes: [asked] };
  } finally {
    await chain.remove();
  }
}
