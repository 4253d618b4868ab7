import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRlp } from "@metis/protocol";
import fc from "fast-check";
import { open } from "lmdb";
import { keccak256 } from "viem";
import { fromBigInt } from "../bytes.ts";
import { syntheticBlock, temporaryFolder, zeroHash } from "../testing/synthetic.ts";
import { joinBody } from "./body.ts";
import { Chain } from "./chain.ts";
import { Database } from "./database.ts";
import type { Table } from "./table.ts";
import { TransactionIndex, type Place } from "./transactionIndex.ts";

/** A hash that begins like all others of the same `beginning`, which differ in their first four bits. */
const hashOf = (beginning: number, id: number): Buffer =>
  Buffer.concat([Buffer.alloc(8, beginning * 0x11), fromBigInt(BigInt(id), 24)]);

/** Hashes of each block, from block 1 on. */
type Blocks = readonly (readonly Buffer[])[];

const placeOf = (blocks: Blocks, hash: Buffer): Place | undefined => {
  for (const [at, hashes] of blocks.entries()) {
    const index = hashes.findIndex((other) => other.equals(hash));
    if (index !== -1) return { number: at + 1, index };
  }
  return undefined;
};

/** Places of all transactions that begin like `hash`, newest first. */
const placesLike = (blocks: Blocks, hash: Buffer): Place[] =>
  blocks
    .flatMap((hashes, at) =>
      hashes.flatMap((other, index) => (other.compare(hash, 0, 8, 0, 8) === 0 ? [{ number: at + 1, index }] : [])),
    )
    .toReversed();

const some = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 5 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: fc.array(some, { minLength: 1, maxLength: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ rewind: fc.integer({ min: 1, max: 40 }) }) },
);

test("the index names every place once, and none of blocks that were taken back", async () => {
  const folder = temporaryFolder();
  const root = open({ path: folder.path, keyEncoding: "binary", encoding: "binary" });
  const tableOf = (name: string): Table => root.openDB({ name, keyEncoding: "binary", encoding: "binary" });
  const tables = { transactions: tableOf("transactions"), newTransactions: tableOf("newTransactions") };
  const index = new TransactionIndex(tables);
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      for (const table of Object.values(tables)) table.clearSync();
      let blocks: Blocks = [];
      let id = 0;
      const put = (hashes: readonly Buffer[]): void => {
        blocks = blocks.concat([hashes]);
        index.put(blocks.length, Buffer.concat(hashes));
      };
      const check = (): void => {
        for (let beginning = 0; beginning < 16; beginning++) {
          const hash = hashOf(beginning, 0);
          const found = [...index.find(hash, blocks.length)];
          // What was brought in before later blocks were taken back stands in both.
          const once = found.filter((place, at) => found.findIndex((other) => same(place, other)) === at);
          assert.deepEqual(once.toSorted(newestFirst), placesLike(blocks, hash));
        }
      };
      root.transactionSync(() => {
        for (const next of steps) {
          if ("add" in next)
            for (const beginnings of next.add) put(beginnings.map((beginning) => hashOf(beginning, id++)));
          else
            for (let left = next.rewind; left > 0 && blocks.length > 0; left--) {
              index.remove(blocks.length, Buffer.concat(blocks.at(-1)!));
              blocks = blocks.slice(0, -1);
            }
          check();
        }
        for (let more = 0; more < 16; more++) put([]);
        for (let beginning = 0; beginning < 16; beginning++)
          assert.deepEqual(
            [...index.find(hashOf(beginning, 0), blocks.length)],
            placesLike(blocks, hashOf(beginning, 0)),
          );
        assert.equal([...tables.newTransactions.getKeys()].length, 0);
      });
    }),
    { numRuns: 100 },
  );
  await root.close();
  folder.remove();
});

const same = (a: Place, b: Place): boolean => a.number === b.number && a.index === b.index;
const newestFirst = (a: Place, b: Place): number => b.number - a.number || b.index - a.index;

async function withChain(body: (chain: Chain) => void): Promise<void> {
  const folder = temporaryFolder();
  const database = Database.open(folder.path);
  try {
    const chain = new Chain(database, Infinity);
    chain.seed({ hash: zeroHash, digest: zeroHash, configuration: Uint8Array.of(1) }, syntheticBlock(0, zeroHash));
    body(chain);
  } finally {
    await database.close();
    folder.remove();
  }
}

/** Appends one block for each list of hashes, all in one transaction. */
function append(chain: Chain, blocks: Blocks): void {
  chain.database.transact(() => {
    for (const hashes of blocks) {
      const { number, hash } = chain.head;
      const sealed = syntheticBlock(number + 1, hash, undefined, Number(hash));
      const transactionHashes = Buffer.concat(hashes);
      const rest = { senders: new Uint8Array(), inputs: undefined, size: 0, withdrawals: undefined };
      const body = joinBody({ ...rest, transactionsRlp: encodeRlp([]), transactionHashes });
      chain.append({ ...sealed, block: { ...sealed.block, body, transactionHashes } });
    }
  });
}

test("every transaction of the chain is found by its hash, and no other, also where hashes begin alike and after rewinds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      await withChain((chain) => {
        const known: Buffer[] = [];
        let blocks: Blocks = [];
        for (const next of steps) {
          if ("add" in next) {
            // Some of what was taken back comes again, elsewhere.
            const lost = known.filter((hash) => placeOf(blocks, hash) === undefined);
            const added = next.add.map((beginnings) =>
              beginnings.map((beginning) => lost.pop() ?? known[known.push(hashOf(beginning, known.length)) - 1]!),
            );
            append(chain, added);
            blocks = blocks.concat(added);
          } else {
            blocks = blocks.slice(0, Math.max(0, blocks.length - next.rewind));
            chain.rewind(blocks.length);
          }
          for (const hash of [...known, hashOf(3, 0xffff)])
            assert.deepEqual(chain.database.blocks.transaction(hash), placeOf(blocks, hash));
        }
      });
    }),
    { numRuns: 20 },
  );
});

test("a block of thousands is found as a whole in each of the next twenty blocks", async () => {
  await withChain((chain) => {
    const hashes = Array.from({ length: 3_000 }, (_, id) =>
      Buffer.from(keccak256(fromBigInt(BigInt(id), 32), "bytes")),
    );
    append(chain, [hashes]);
    for (let later = 0; later < 20; later++) {
      for (let index = later; index < hashes.length; index += 97)
        assert.deepEqual(chain.database.blocks.transaction(hashes[index]!), { number: 1, index });
      append(chain, [[]]);
    }
  });
});
