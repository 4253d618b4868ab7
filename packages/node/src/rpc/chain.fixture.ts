import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openMvm, type BlockRef, type ExecutedBlock, type Mvm } from "@metis/mvm";
import { chainId, nextContext, rollupGenesis } from "@metis/mvm/testing";
import type { Deposit } from "@metis/protocol";
import { createMetrics, ManualClock, MemoryStore, silentLogger, type Store } from "@metis/runtime";
import type { Hex } from "viem";
import { privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import type { MempoolOptions } from "../mempool/config.ts";
import { MempoolService } from "../mempool/mempool.ts";
import type { HeadView, Heads } from "./heads.ts";

/** Heads that a test moves by hand. */
export class SteeredHeads implements HeadView {
  #heads: Heads;
  readonly #listeners = new Set<(heads: Heads) => void>();

  constructor(head: BlockRef) {
    this.#heads = { unsafe: head, signed: head, safe: head, finalized: head };
  }

  heads(): Heads {
    return this.#heads;
  }

  subscribe(listener: (heads: Heads) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  move(change: Partial<Heads>): void {
    this.#heads = { ...this.#heads, ...change };
    for (const listener of this.#listeners) listener(this.#heads);
  }
}

/** Accounts with METIS in the fixture's genesis. */
export const users: readonly PrivateKeyAccount[] = Array.from({ length: 4 }, (_, index) =>
  privateKeyToAccount(`0x${(index + 1).toString(16).padStart(64, "0")}`),
);
export const addressOf = (user: PrivateKeyAccount): Hex => user.address.toLowerCase() as Hex;
export const startBalance = 10n ** 20n;

export interface TestChain {
  readonly mvm: Mvm;
  readonly heads: SteeredHeads;
  readonly clock: ManualClock;
  readonly chainId: bigint;
  readonly blockGasLimit: bigint;
  /** Executes and commits the next block, and moves `unsafe` and `signed` (or `unsafe` alone) to it. */
  extend(
    transactions?: readonly Hex[],
    next?: { anchor?: bigint; deposits?: readonly Deposit[]; unsafeOnly?: boolean },
  ): Promise<ExecutedBlock>;
  /** Takes blocks above `number` back. */
  rewind(number: bigint): Promise<void>;
  mempool(options?: Partial<MempoolOptions>, store?: Store): MempoolService;
}

/** A real chain in a temporary folder, closed and removed after the test. */
export async function openChain(t: TestContext): Promise<TestChain> {
  const folder = mkdtempSync(join(tmpdir(), "metis-node-"));
  const genesis = rollupGenesis(Object.fromEntries(users.map((user) => [addressOf(user), startBalance])));
  const mvm = await openMvm({ dataDir: folder, genesis });
  const heads = new SteeredHeads(mvm.head());
  const clock = new ManualClock();
  t.after(async () => {
    await mvm.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    mvm,
    heads,
    clock,
    chainId,
    blockGasLimit: genesis.header.gasLimit,
    async extend(transactions = [], { unsafeOnly = false, ...next } = {}) {
      const block = await mvm.execute(nextContext(mvm.head(), { transactions, ...next }));
      await mvm.commit(block.hash);
      const head = mvm.head();
      heads.move(unsafeOnly ? { unsafe: head } : { unsafe: head, signed: head });
      return block;
    },
    async rewind(number) {
      await mvm.rewind(number);
      const head = mvm.head();
      heads.move({ unsafe: head, signed: head });
    },
    mempool(options = {}, store = new MemoryStore()) {
      const { reader } = mvm;
      const tools = { clock, logger: silentLogger(), metrics: createMetrics() };
      return new MempoolService({
        reader,
        heads,
        store,
        chainId,
        blockGasLimit: genesis.header.gasLimit,
        options,
        ...tools,
      });
    },
  };
}

/** A signed transfer. */
export function transfer(
  user: PrivateKeyAccount,
  nonce: number,
  rest: {
    to?: Hex;
    value?: bigint;
    maxFeePerGas?: bigint;
    maxPriorityFeePerGas?: bigint;
    gas?: bigint;
    data?: Hex;
  } = {},
): Promise<Hex> {
  const fees = { gas: 30_000n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 6n };
  return user.signTransaction({
    type: "eip1559",
    chainId: Number(chainId),
    nonce,
    to: "0x00000000000000000000000000000000000000bb",
    ...fees,
    ...rest,
  });
}
