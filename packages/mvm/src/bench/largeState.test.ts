import assert from "node:assert/strict";
import { test } from "node:test";
import { openMvm } from "../mvm.ts";
import { toHex } from "../bytes.ts";
import { nextContext, rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { heldAddress, writeLargeChain } from "./largeState.ts";
import { Wallets } from "./wallets.ts";

test("a state written row by row has the kernel's root, and blocks run on it", async () => {
  const [rows, alloc] = [temporaryFolder(), temporaryFolder()];
  const wallets = new Wallets(2);
  const held = Array.from({ length: 300 }, (_, i) => [toHex(heldAddress(i)), 10n ** 18n + BigInt(i)] as const);
  const funded = wallets.addresses.map((address) => [address, 10n ** 24n] as const);
  await writeLargeChain(rows.path, held.length, wallets.addresses);
  const written = await openMvm({ dataDir: rows.path });
  const built = await openMvm({
    dataDir: alloc.path,
    genesis: rollupGenesis(Object.fromEntries([...funded, ...held])),
  });
  assert.equal(written.head().hash, built.head().hash);
  const paid = await wallets.sign(0, { to: toHex(heldAddress(7)), value: 5n, gas: 21_000n });
  const context = nextContext(written.head(), { transactions: [paid.raw] });
  const blocks = await Promise.all([written, built].map((mvm) => mvm.execute(context)));
  assert.equal(blocks[0]!.skipped.length, 0);
  assert.equal(blocks[0]!.hash, blocks[1]!.hash);
  await Promise.all([written.close(), built.close()]);
  rows.remove();
  alloc.remove();
});
