import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { toBigInt } from "../bytes.ts";
import { applyToModel, blockChanges, readAll, sorted, type Model } from "../testing/model.ts";
import {
  addressOf,
  slotOf,
  syntheticBlock,
  syntheticChanges,
  temporaryFolder,
  zeroHash,
  type SyntheticChange,
} from "../testing/synthetic.ts";
import { toHex } from "../bytes.ts";
import { Chain } from "./chain.ts";
import { Database } from "./database.ts";

function newChain(historyBlocks: number): { readonly chain: Chain; close: () => Promise<void> } {
  const folder = temporaryFolder();
  const database = Database.open(folder.path);
  const chain = new Chain(database, historyBlocks);
  const genesis = { hash: zeroHash, digest: zeroHash, configuration: Uint8Array.of(1) };
  chain.seed(genesis, syntheticBlock(0, zeroHash));
  return { chain, close: () => database.close().then(() => folder.remove()) };
}

/** Appends blocks in one durable step: the disk is not what is tested here. */
function append(chain: Chain, blocks: readonly (readonly SyntheticChange[])[], salt: number): void {
  const { database } = chain;
  database.transact(() => {
    for (const changes of blocks) {
      const { number, hash } = chain.head;
      chain.append(syntheticBlock(number + 1, hash, syntheticChanges(changes, database.state.current), salt));
    }
  });
  database.refresh();
}

test("blocks on either side of what the index covers read as full copies, after rewinds and with a window", async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.array(blockChanges, { minLength: 1, maxLength: 14 }) },
    { weight: 1, arbitrary: fc.nat(25) },
  );
  const plan = fc.record({ window: fc.constantFrom(4, 20, Infinity), steps: fc.array(step, { maxLength: 7 }) });
  await fc.assert(
    fc.asyncProperty(plan, async ({ window, steps }) => {
      const { chain, close } = newChain(window);
      try {
        const models: Model[] = [new Map()];
        for (const [salt, next] of steps.entries()) {
          if (typeof next === "number") {
            const target = Math.max(chain.database.oldestState, chain.head.number - next);
            chain.rewind(target);
            models.length = target + 1;
          } else {
            append(chain, next, salt + 1);
            for (const changes of next) models.push(applyToModel(models.at(-1)!, changes));
          }
        }
        for (let number = chain.database.oldestState; number < models.length; number++)
          assert.deepEqual(sorted(readAll(chain.stateAt(number)!)), sorted(models[number]!), `block ${number}`);
      } finally {
        await close();
      }
    }),
    { numRuns: 25 },
  );
});

/** Block `number` writes its number into the balance of account 0, and every seventh one into a slot of account 1. */
const busy = (number: number): SyntheticChange[] => {
  const every: SyntheticChange = { account: 0, fate: "set", balance: BigInt(number), slots: [], nodes: [] };
  const seventh: SyntheticChange = { account: 1, fate: "set", balance: 7n, slots: [[0, BigInt(number)]], nodes: [] };
  return number % 7 === 0 ? [every, seventh] : [every];
};

function assertBusy(chain: Chain, number: number): void {
  const view = chain.stateAt(number)!;
  const balance = toBigInt((view.account(addressOf(0)) ?? Buffer.alloc(104)).subarray(8, 40));
  const slot = toBigInt(view.storage(addressOf(1), slotOf(0)) ?? new Uint8Array());
  assert.deepEqual([balance, slot], [BigInt(number), BigInt(number - (number % 7))], `block ${number}`);
}

async function busyChain(t: TestContext, window: number, blocks: number): Promise<Chain> {
  const { chain, close } = newChain(window);
  t.after(close);
  append(
    chain,
    Array.from({ length: blocks }, (_, i) => busy(i + 1)),
    0,
  );
  return chain;
}

test("a key that every block changes reads right in any of them, also where its rows in the index are full", async (t) => {
  const chain = await busyChain(t, Infinity, 1100);
  for (let number = 0; number <= 1100; number += 3) assertBusy(chain, number);
  for (const target of [1025, 1024, 513, 511, 256, 17, 16, 3]) {
    chain.rewind(target);
    for (let number = 0; number <= target; number += 5) assertBusy(chain, number);
    const again = Array.from({ length: 20 }, (_, i) => busy(target + i + 1));
    append(chain, again, 1);
    for (let number = Math.max(0, target - 40); number <= target + 20; number++) assertBusy(chain, number);
    chain.rewind(target);
  }
});

test("of blocks that left the window nothing is kept but what later ones share a row with", async (t) => {
  const chain = await busyChain(t, 30, 700);
  for (let number = 670; number <= 700; number++) assertBusy(chain, number);
  // Thirty blocks, of up to two shares each; the index: at most an open and a full row for either key.
  assert.ok(chain.database.state.historyRows <= 30 * 2 + 4, String(chain.database.state.historyRows));
  const untouched: SyntheticChange[][] = Array.from({ length: 700 }, () => []);
  append(chain, untouched, 2);
  assert.equal(chain.database.state.historyRows, 0);
});

test("the rows of a block are given whole, whatever was written or removed since", async (t) => {
  const { chain, close } = newChain(Infinity);
  t.after(close);
  const at = (account: number, fate: SyntheticChange["fate"], value: bigint): SyntheticChange => ({
    account,
    fate,
    balance: value,
    slots: [[1, value]],
    nodes: [[[account], 1]],
  });
  append(chain, [[at(0, "set", 1n), at(1, "set", 1n)], [at(2, "set", 2n)]], 0);
  const rows = (): string[] =>
    (["accounts", "storage", "nodes"] as const).flatMap((table) =>
      [...chain.database.state.rowsAt(table, 2)].map(({ key, value }) => `${toHex(key)} ${toHex(value)}`),
    );
  const expected = rows().toSorted();
  assert.equal(expected.length, 9);
  append(
    chain,
    [[at(0, "removed", 0n)], [at(1, "replaced", 5n)], [at(3, "set", 9n)], ...Array.from({ length: 40 }, () => [])],
    0,
  );
  assert.deepEqual(rows().toSorted(), expected);
});
