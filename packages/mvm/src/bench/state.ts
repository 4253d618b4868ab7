// A state of millions of accounts: what blocks cost on it when its database was just opened, from disk and from the page cache.
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../bytes.ts";
import { openMvm } from "../mvm.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { heldAddress, writeLargeChain } from "./largeState.ts";
import { runBlocks, type MvmCosts } from "./mvm.ts";
import { forget, readThrough, residentShare } from "./pageCache.ts";
import { median, progress, type Row, type Section } from "./report.ts";
import { Wallets, type Signed } from "./wallets.ts";

export interface StateOptions {
  readonly rounds: number;
  readonly stateAccounts: number;
  /** Where the state is kept for the next time; a temporary folder unless given. */
  readonly stateFolder: string | undefined;
}

const walletCount = 50;
const perBlock = 1_000;
/** Blocks before the clock starts, on a few accounts: compilers are at work meanwhile. */
const warmUpBlocks = 4;
const hotAccounts = 200;
const measuredBlocks = 4;
/** Of a state that fits into the processor's caches. */
const smallState = 20_000;
/** Ratio of the cold database's time to the warm one's. */
const goal = 2;

/** A chain with a large state on disk, closed between measurements. */
class Chain {
  readonly accounts: number;
  readonly #folder: string;
  readonly #wallets: Wallets;
  #seed = 1n;

  private constructor(folder: string, accounts: number, wallets: Wallets) {
    this.#folder = folder;
    this.accounts = accounts;
    this.#wallets = wallets;
  }

  /** Uses the chain that an earlier run left in `folder`, if it holds one. */
  static async in(folder: string, accounts: number): Promise<Chain> {
    const wallets = new Wallets(walletCount);
    if (!existsSync(join(folder, "chain"))) {
      progress(`state: writing ${accounts} accounts`);
      mkdirSync(folder, { recursive: true });
      await writeLargeChain(folder, accounts, wallets.addresses);
    }
    const chain = await openMvm({ dataDir: folder });
    for (const [i, address] of wallets.addresses.entries())
      wallets.setNonce(i, (await chain.reader.account(address, "latest"))?.nonce ?? 0n);
    await chain.close();
    return new Chain(folder, accounts, wallets);
  }

  get file(): string {
    return join(this.#folder, "chain", "data.mdb");
  }

  /** Opens the chain, lets it warm up, and measures transfers to accounts all over the state. */
  async measure(): Promise<MvmCosts> {
    const warmUp = await this.#blocks(warmUpBlocks, (i) => i % hotAccounts);
    const blocks = await this.#blocks(measuredBlocks, () => this.#random());
    const mvm = await openMvm({ dataDir: this.#folder, historyBlocks: 1 });
    try {
      await runBlocks(mvm, "bytes", warmUp);
      return await runBlocks(mvm, "bytes", blocks);
    } finally {
      await mvm.close();
    }
  }

  /** Numbers that look like chance and are the same each time (SplitMix64). */
  #random(): number {
    this.#seed = BigInt.asUintN(64, this.#seed + 0x9e3779b97f4a7c15n);
    let z = this.#seed;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number((z ^ (z >> 31n)) % BigInt(this.accounts));
  }

  async #blocks(count: number, held: (i: number) => number): Promise<Signed[][]> {
    const blocks: Signed[][] = [];
    for (let b = 0; b < count; b++) {
      const block: Signed[] = [];
      for (let i = 0; i < perBlock; i++) {
        const to = toHex(heldAddress(held(b * perBlock + i)));
        block.push(await this.#wallets.sign(i % walletCount, { to, value: 1n, gas: 21_000n }));
      }
      blocks.push(block);
    }
    return blocks;
  }
}

interface Opened extends MvmCosts {
  /** Share of the file in memory when it was opened. */
  readonly resident: number | undefined;
}

async function opened(chain: Chain, prepare: (file: string) => void): Promise<Opened> {
  prepare(chain.file);
  const resident = residentShare(chain.file);
  return { ...(await chain.measure()), resident };
}

const micros = (millis: number): number => (millis * 1000) / (measuredBlocks * perBlock);
const percent = (share: number | undefined): string =>
  share === undefined ? "unknown" : `${(100 * share).toFixed(1)} %`;

function rowOf(name: string, chain: Chain, runs: readonly Opened[], warm: readonly Opened[]): Row {
  const wall = median(runs.map((run) => run.wall));
  const cpu = median(runs.map((run) => run.cpu));
  return {
    database: name,
    accounts: String(chain.accounts),
    "file MiB": Math.round(statSync(chain.file).size / 2 ** 20),
    "in page cache": percent(runs.at(-1)!.resident),
    "us/tx": micros(wall),
    "CPU us/tx": micros(cpu),
    "x warm": wall / median(warm.map((run) => run.wall)),
    "x warm, CPU": cpu / median(warm.map((run) => run.cpu)),
  };
}

async function compared(chain: Chain, small: Chain, rounds: number): Promise<Section> {
  const cold: Opened[] = [];
  const warm: Opened[] = [];
  const few: Opened[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`state: round ${round + 1} of ${rounds}`);
    cold.push(await opened(chain, forget));
    warm.push(await opened(chain, readThrough));
    few.push(await opened(small, readThrough));
  }
  const rows = [
    rowOf("reopened, cold", chain, cold, warm),
    rowOf("reopened, warm", chain, warm, warm),
    rowOf("reopened, warm, small", small, few, warm),
  ];
  const ratio = Number(rows[0]!["x warm"]);
  const verdict = `Cold against warm: ${ratio.toFixed(2)}x (goal ${goal}: ${ratio <= goal ? "reached" : "missed"}).`;
  const what = `Blocks of ${perBlock} transfers to random accounts, from bytes to the durable commit; medians of ${rounds} alternating rounds.`;
  return { name: "state", title: "A large state, its database closed and opened again", rows, notes: [what, verdict] };
}

/** Blocks on a state of millions of accounts. */
export async function largeState(options: StateOptions): Promise<Section> {
  const [temporary, second] = [temporaryFolder(), temporaryFolder()];
  try {
    const folder = options.stateFolder ?? temporary.path;
    const chain = await Chain.in(join(folder, String(options.stateAccounts)), options.stateAccounts);
    return await compared(chain, await Chain.in(second.path, smallState), options.rounds);
  } finally {
    temporary.remove();
    second.remove();
  }
}
