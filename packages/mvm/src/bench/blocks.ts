// Whole blocks: execution, receipts, roots and the database, beside anvil's miner and ethereumjs.
import type { Address } from "viem";
import { numberToHex } from "viem/utils";
import { chainId } from "../testing/rollup.ts";
import { Anvil, type AnvilCosts } from "./anvil.ts";
import { ethereumjsChain } from "./ethereumjs.ts";
import { swaps, uniswapSwaps } from "./exchange.ts";
import { assertSucceeded, reopenedChain, runBlocks, type Mode, type MvmCosts } from "./mvm.ts";
import { ownCpu } from "./processes.ts";
import { median, progress, type Row, type Section } from "./report.ts";
import { recipient, Wallets } from "./wallets.ts";
import { tokenTransfers, transfers, type Size, type Workload } from "./workload.ts";

export interface BlockOptions {
  /** Pairs of turns: each one in either mode of the MVM, with anvil after it. */
  readonly rounds: number;
  /** Accounts of the state beside those that take part, the same in the MVM and in anvil; ethereumjs is measured with none. */
  readonly accounts: number;
  /** Folder with Uniswap's packages, if it is to be measured too. */
  readonly uniswap: string | undefined;
}

export const workloadNames = ["transfers", "erc20", "swap"] as const;
export type WorkloadName = (typeof workloadNames)[number];

const walletCount = 50;
/** Accounts that receive. */
const recipients = 1_000;
/** Turns that do not count: compilers are at work meanwhile. */
const warmUpTurns = 6;
/** Blocks in one turn. */
const perTurn = 4;
const perBlock: Readonly<Record<WorkloadName, number>> = { transfers: 1_000, erc20: 500, swap: 200 };
/** Blocks that ethereumjs executes: it takes milliseconds for each transaction. */
const ethereumjsBlocks = 1;
/** Accounts in one request that fills anvil's state. */
const perRequest = 2_000;

/** A workload and the accounts that sign it, which no other workload uses. */
interface Load {
  readonly workload: Workload;
  readonly senders: readonly Address[];
}

async function loadsOf(names: readonly WorkloadName[], options: BlockOptions): Promise<Load[]> {
  const { uniswap } = options;
  const make: Readonly<Record<WorkloadName, (wallets: Wallets, size: Size) => Promise<Workload>>> = {
    transfers,
    erc20: tokenTransfers,
    swap: swaps,
  };
  const loads: Load[] = [];
  const add = async (name: WorkloadName, of: (typeof make)[WorkloadName]): Promise<void> => {
    const wallets = new Wallets(walletCount, loads.length);
    const size = { blocks: (warmUpTurns + 2 * options.rounds) * perTurn, perBlock: perBlock[name], recipients };
    loads.push({ workload: await of(wallets, size), senders: wallets.addresses });
  };
  for (const name of names) {
    await add(name, make[name]);
    if (name === "swap" && uniswap !== undefined)
      await add(name, (wallets, size) => uniswapSwaps(wallets, size, uniswap));
  }
  return loads;
}

/** An anvil with the MVM's state. What it would keep of older blocks costs it time: it is told to keep nothing. */
async function startAnvil(funded: readonly Address[], accounts: number): Promise<Anvil | undefined> {
  const limits = ["--gas-limit", "30000000", "--base-fee", "1000000000", "--hardfork", "osaka", "--prune-history"];
  const anvil = await Anvil.start([...limits, "--chain-id", String(chainId)]);
  const credit = (addresses: readonly Address[], balance: bigint) =>
    anvil?.rpc(addresses.map((address) => ({ method: "anvil_setBalance", params: [address, numberToHex(balance)] })));
  for (let at = 0; at < accounts; at += perRequest)
    await credit(
      Array.from({ length: Math.min(perRequest, accounts - at) }, (_, i) => recipient(at + i)),
      1n,
    );
  await credit(funded, 10n ** 24n);
  return anvil;
}

interface Turn {
  readonly mode: Mode;
  readonly mvm: MvmCosts;
  readonly anvil: AnvilCosts | undefined;
  readonly transactions: number;
}

/** Processor and other times of one transaction in microseconds. */
const microsEach = (millis: number, transactions: number): number => (millis * 1000) / transactions;

/** Alternating turns of the engines over the same blocks. */
async function turnsOf(
  workload: Workload,
  mvm: Parameters<typeof runBlocks>[0],
  anvil: Anvil | undefined,
): Promise<Turn[]> {
  for (const block of workload.before) {
    await runBlocks(mvm, "bytes", [block]);
    await assertSucceeded(mvm);
  }
  for (const block of workload.before) await anvil?.mine(block.map(({ raw }) => raw));
  const turns: Turn[] = [];
  for (let at = 0; at < workload.blocks.length; at += perTurn) {
    const blocks = workload.blocks.slice(at, at + perTurn);
    const mode: Mode = turns.length % 2 === 0 ? "builder" : "bytes";
    const spent = await runBlocks(mvm, mode, blocks);
    const mined: AnvilCosts[] = [];
    for (const block of blocks) if (anvil !== undefined) mined.push(await anvil.mine(block.map(({ raw }) => raw)));
    const sum = (part: (costs: AnvilCosts) => number): number => mined.reduce((total, costs) => total + part(costs), 0);
    const costs = anvil && { pool: sum(({ pool }) => pool), mining: sum(({ mining }) => mining) };
    turns.push({
      mode,
      mvm: spent,
      anvil: costs,
      transactions: blocks.reduce((count, block) => count + block.length, 0),
    });
  }
  return turns.slice(warmUpTurns);
}

async function onEthereumjs(workloads: readonly Workload[], funded: readonly Address[]): Promise<number[]> {
  const chain = await ethereumjsChain(funded);
  const costs: number[] = [];
  for (const { before, blocks, name } of workloads) {
    progress(`${name}: ethereumjs`);
    for (const block of before) await chain(block);
    const start = ownCpu();
    for (const block of blocks.slice(0, ethereumjsBlocks)) await chain(block);
    costs.push(microsEach(ownCpu() - start, ethereumjsBlocks * blocks[0]!.length));
  }
  return costs;
}

/** What a workload cost on one state; `ethereumjs`: where it was measured too. */
interface Measured {
  readonly workload: Workload;
  readonly accounts: number;
  readonly turns: readonly Turn[];
  readonly ethereumjs: number | undefined;
}

function rowsOf({ workload, accounts, turns, ethereumjs }: Measured): { rows: Row[]; note: string } {
  const of = (mode: Mode, value: (turn: Turn) => number): number =>
    median(turns.filter((turn) => turn.mode === mode).map(value));
  const all = (value: (turn: Turn) => number | undefined): number | undefined => {
    const values = turns.map(value).filter((found) => found !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const cpu = (turn: Turn): number => microsEach(turn.mvm.cpu, turn.transactions);
  const wall = (turn: Turn): number => microsEach(turn.mvm.wall, turn.transactions);
  const mining = all(({ anvil, transactions }) => anvil && microsEach(anvil.mining, transactions));
  const whole = all(({ anvil, transactions }) => anvil && microsEach(anvil.mining + anvil.pool, transactions));
  const gas = Number(turns[0]!.mvm.gasUsed) / turns[0]!.transactions;
  const row = (name: string, what: string, micros: number | undefined, ours: number, passed?: number): Row => ({
    workload: workload.name,
    accounts: String(accounts),
    engine: name,
    "what is counted": what,
    "CPU us/tx": micros,
    "tx a CPU second": micros && 1e6 / micros,
    "Mgas a CPU second": micros && gas / micros,
    "tx a second": passed && 1e6 / passed,
    ratio: micros && micros / ours,
  });
  const [built, executed] = [of("builder", cpu), of("bytes", cpu)];
  const rows = [
    row("mvm", "block of pooled transactions, committed", built, built, of("builder", wall)),
    row("anvil", "mining alone, in memory", mining, built),
    row("mvm", "block from bytes, committed", executed, executed, of("bytes", wall)),
    row("anvil", "JSON-RPC, pool and mining", whole, executed),
  ];
  if (ethereumjs !== undefined) rows.push(row("ethereumjs", "block from bytes, in memory", ethereumjs, executed));
  return { rows, note: noteOf(`${workload.name}, ${accounts} accounts`, mining && mining / built) };
}

const noteOf = (what: string, ratio: number | undefined): string =>
  ratio === undefined
    ? `${what}: anvil is not installed.`
    : `${what}: ${ratio.toFixed(2)}x anvil's miner per core (goal 1.0: ${ratio >= 1 ? "reached" : "missed"}).`;

/** Turns of all workloads on a state of `accounts` accounts. */
async function turnsOn(accounts: number, loads: readonly Load[]): Promise<Turn[][]> {
  const funded = loads.flatMap(({ senders }) => senders);
  progress(`blocks: a state of ${accounts} accounts and those that take part`);
  const chain = await reopenedChain(funded, accounts);
  const anvil = await startAnvil(funded, accounts);
  const turns: Turn[][] = [];
  try {
    for (const { workload } of loads) {
      progress(`${workload.name}: ${workload.blocks.length} blocks in turns`);
      turns.push(await turnsOf(workload, chain.mvm, anvil));
    }
  } finally {
    await anvil?.stop();
    await chain.remove();
  }
  return turns;
}

/** Transfers, ERC-20 transfers and swaps. */
export async function measureBlocks(names: readonly WorkloadName[], options: BlockOptions): Promise<Section> {
  const { accounts } = options;
  progress("blocks: signing transactions");
  const loads = await loadsOf(names, options);
  const workloads = loads.map(({ workload }) => workload);
  const funded = loads.flatMap(({ senders }) => senders);
  const measured = await turnsOn(accounts, loads);
  const ethereumjs = accounts === 0 ? await onEthereumjs(workloads, funded) : [];
  const results = workloads.map((workload, i) =>
    rowsOf({ workload, accounts, turns: measured[i]!, ethereumjs: ethereumjs[i] }),
  );
  return {
    name: "blocks",
    title: "Blocks: execution, receipts, roots, database",
    rows: results.flatMap(({ rows }) => rows),
    notes: [
      "accounts: beside those that take part, the same in the MVM (lmdb, reopened, page cache warm) and in anvil.",
      "anvil computes its root over all accounts for each block, and keeps no older states (--prune-history).",
      "ratio: processor time of the engine to the mvm's in the same way of counting; medians of alternating turns.",
      ...results.map(({ note }) => note),
    ],
  };
}
