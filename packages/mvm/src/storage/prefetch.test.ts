import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak } from "@metis/protocol";
import type { Address } from "viem";
import { fromHex } from "../bytes.ts";
import { openMvm } from "../mvm.ts";
import { rollupGenesis } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { Database } from "./database.ts";
import { nodeKey } from "./keys.ts";
import { pathKeys, Prefetch } from "./prefetch.ts";
import type { Table } from "./table.ts";

const addresses = Array.from({ length: 500 }, (_, i): Address => `0x${(i + 1).toString(16).padStart(40, "0")}`);

test("the keys read ahead for an account name its leaf in the trie, for nearly all accounts", async (t) => {
  const folder = temporaryFolder();
  const balances = Object.fromEntries(addresses.map((address) => [address, 1n]));
  await (await openMvm({ dataDir: folder.path, genesis: rollupGenesis(balances) })).close();
  const database = Database.open(`${folder.path}/chain`);
  t.after(async () => {
    await database.close();
    folder.remove();
  });
  const { current } = database.state;
  const accountTrie = new Uint8Array(32);
  const leafOf = (address: Uint8Array): Buffer => {
    const path = Array.from(keccak(address), (byte) => [byte >> 4, byte & 15]).flat();
    for (let length = path.length; ; length--) {
      const prefix = Uint8Array.from(path.slice(0, length));
      if (current.node(accountTrie, prefix) !== undefined) return nodeKey(accountTrie, prefix);
    }
  };
  const count = database.state.rowCount("accounts");
  const named = addresses.map(fromHex).filter((address) => {
    const leaf = leafOf(address);
    return pathKeys(address, count).some((key) => key.equals(leaf));
  });
  assert.ok(named.length > 0.95 * addresses.length, `${named.length} of ${addresses.length}`);
});

/** A state of `count` accounts, and how often something of it was read ahead. */
function recorder(count: number): { readonly table: Table; readonly read: () => number } {
  let keys = 0;
  const table = {
    getStats: () => ({ entryCount: count }),
    prefetch: (asked: readonly unknown[]) => {
      keys += asked.length;
    },
  } as unknown as Table;
  return { table, read: () => keys };
}

/** Keys read ahead for one block that sends to ten accounts. */
function stepper(count: number, faults: () => number): () => number {
  const { table, read } = recorder(count);
  const prefetch = new Prefetch(table, table, faults);
  const recipients = addresses.slice(0, 10).map(fromHex);
  return () => {
    const before = read();
    prefetch.begin(() => recipients, recipients.length);
    return read() - before;
  };
}

test("of a large state rows and trie nodes are read ahead until blocks no longer wait for the disk, and again when they do", () => {
  let faults = 0;
  const step = stepper(10_000_000, () => faults);
  assert.equal(step(), 10 + 4 * 10);
  for (let block = 0; block < 8; block++) step();
  assert.equal(step(), 0);
  faults += 100;
  assert.ok(step() > 0);
});

test("of a small state nothing is read ahead", () => {
  let faults = 0;
  const step = stepper(1000, () => (faults += 1000));
  assert.equal(step() + step(), 0);
});
