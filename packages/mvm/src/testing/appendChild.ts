// Appends synthetic blocks to the chain in the folder argv[2] without end, and prints each number once it is committed.
// An error ends it with its code on standard error.
import { writeSync } from "node:fs";
import { MvmError } from "../errors.ts";
import { Chain } from "../storage/chain.ts";
import { Database } from "../storage/database.ts";
import { numberedBlock, zeroHash } from "./synthetic.ts";

const chain = new Chain(Database.open(process.argv[2]!), 50);
try {
  if (chain.database.head === undefined)
    chain.seed(
      { hash: zeroHash, digest: zeroHash, configuration: Uint8Array.of(1) },
      numberedBlock(0, zeroHash, chain.database.state.current),
    );
  for (;;) {
    const { number, hash } = chain.head;
    chain.commit(numberedBlock(number + 1, hash, chain.database.state.current));
    writeSync(1, `${number + 1}\n`);
  }
} catch (error) {
  writeSync(2, error instanceof MvmError ? error.code : String(error));
  process.exit(1);
}
