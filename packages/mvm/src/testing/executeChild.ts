// Executes blocks on the chain in the folder argv[2] without end, never waiting for the disk before the next one, and prints
// number and hash of each once its commit is announced. argv[3]: what goes on beside execution; with roots, blocks come in rows, and
// the last one of each is printed. It ends when it has executed block argv[4], or handed it over in a row, or with an error's code on
// standard error.
import { writeSync } from "node:fs";
import type { BlockContext, BlockRef } from "../api.ts";
import { MvmError } from "../errors.ts";
import { openMvm, type Engine, type OpenOptions } from "../mvm.ts";
import { bob, nextContext, rollupGenesis, signed, store, vault } from "./rollup.ts";

const inARow = 20;

const fail = (error: unknown): never => {
  writeSync(2, error instanceof MvmError ? error.code : String(error));
  process.exit(1);
};

const announce = ({ number, hash }: BlockRef): void => void writeSync(1, `${number} ${hash}\n`);

async function contextOn(parent: BlockRef): Promise<BlockContext> {
  const nonce = 2 * Number(parent.number);
  const transactions = [
    await signed(nonce, { to: bob, value: 1n, gas: 21_000n }),
    await signed(nonce + 1, { to: vault, data: store(parent.number % 5n, parent.number + 1n) }),
  ];
  return nextContext(parent, { transactions });
}

/** Blocks one by one, from `head` on. */
async function singly(mvm: Engine, head: BlockRef, isLast: (block: BlockRef) => boolean): Promise<never> {
  for (let parent = head; ;) {
    const { number, hash } = await mvm.execute(await contextOn(parent));
    parent = { number, hash };
    if (isLast(parent)) process.exit(0);
    void mvm.commit(hash).then(() => announce({ number, hash }), fail);
  }
}

/** Rows of blocks, the next one while the last is on its way. */
async function inRows(mvm: Engine, { number, hash }: BlockRef, isLast: (block: BlockRef) => boolean): Promise<never> {
  let before: Promise<void> | undefined;
  for (let first = number; ; first += BigInt(inARow)) {
    const parents = Array.from({ length: inARow }, (_, i): BlockRef => ({ number: first + BigInt(i), hash }));
    const contexts = await Promise.all(parents.map(contextOn));
    const row = mvm.extend(contexts).then(() => announce(mvm.head()), fail);
    if (contexts.some(({ inputs }) => isLast({ number: inputs.number, hash }))) process.exit(0);
    await before;
    before = row;
  }
}

try {
  const [, , dataDir = "", way, last] = process.argv;
  const overlap = way as NonNullable<OpenOptions["overlap"]>;
  const mvm = await openMvm({ dataDir, genesis: rollupGenesis(), historyBlocks: 20, overlap });
  const isLast = ({ number }: BlockRef): boolean => number === BigInt(last ?? -1);
  await (overlap === "roots" ? inRows : singly)(mvm, mvm.head(), isLast);
} catch (error) {
  fail(error);
}
