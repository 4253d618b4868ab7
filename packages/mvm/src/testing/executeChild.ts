// Executes blocks on the chain in the folder argv[2] without end, never waiting for the disk before the next one, and prints
// number and hash of each once its commit is announced; "apart" as argv[3]: a thread of its own commits them. It ends when it
// has executed block argv[4], or with an error's code on standard error.
import { writeSync } from "node:fs";
import type { BlockRef } from "../api.ts";
import { MvmError } from "../errors.ts";
import { openMvm } from "../mvm.ts";
import { bob, nextContext, rollupGenesis, signed, store, vault } from "./rollup.ts";

const fail = (error: unknown): never => {
  writeSync(2, error instanceof MvmError ? error.code : String(error));
  process.exit(1);
};

try {
  const [, , dataDir = "", way, last] = process.argv;
  const mvm = await openMvm({ dataDir, genesis: rollupGenesis(), historyBlocks: 20, commitThread: way === "apart" });
  let head: BlockRef = mvm.head();
  for (;;) {
    const nonce = 2 * Number(head.number);
    const transactions = [
      await signed(nonce, { to: bob, value: 1n, gas: 21_000n }),
      await signed(nonce + 1, { to: vault, data: store(head.number % 5n, head.number + 1n) }),
    ];
    const { number, hash } = await mvm.execute(nextContext(head, { transactions }));
    if (number === BigInt(last ?? -1)) process.exit(0);
    head = { number, hash };
    void mvm.commit(hash).then(() => writeSync(1, `${number} ${hash}\n`), fail);
  }
} catch (error) {
  fail(error);
}
