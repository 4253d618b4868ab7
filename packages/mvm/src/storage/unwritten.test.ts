import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toHex } from "../bytes.ts";
import { applyToModel, blockChanges, readAll, sorted, type Model } from "../testing/model.ts";
import { syntheticBlock, syntheticChanges, temporaryFolder, zeroHash } from "../testing/synthetic.ts";
import { Chain } from "./chain.ts";
import { changeKind, encodeChanges } from "./changes.ts";
import { Database } from "./database.ts";
import { UnwrittenState } from "./unwritten.ts";

const configuration = Uint8Array.of(1);

test("the newest state reads the same however many of its blocks are written, and whether they are dropped", () => {
  const plan = fc.record({
    blocks: fc.array(fc.tuple(blockChanges, fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 12 }),
  });
  fc.assert(
    fc.property(plan, ({ blocks }) => {
      const folder = temporaryFolder();
      const database = Database.open(folder.path);
      const chain = new Chain(database, 2);
      chain.seed({ hash: zeroHash, digest: zeroHash, configuration }, syntheticBlock(0, zeroHash));
      const state = new UnwrittenState(database.state.current);
      const waiting: ReturnType<typeof syntheticBlock>[] = [];
      const written: number[] = [];
      let model: Model = new Map();
      let parent = chain.head.hash;
      try {
        for (const [i, [changes, writes, drops]] of blocks.entries()) {
          const block = syntheticBlock(i + 1, parent, syntheticChanges(changes, state));
          parent = toHex(block.block.hash);
          state.add(i + 1, block.changes);
          model = applyToModel(model, changes);
          waiting.push(block);
          assert.deepEqual(sorted(readAll(state)), sorted(model), "after a block");
          for (const next of waiting.splice(0, writes)) {
            chain.commit(next);
            written.push(next.block.number);
          }
          assert.deepEqual(sorted(readAll(state)), sorted(model), "after writes");
          for (const number of written.splice(0, drops)) state.drop(number);
          assert.deepEqual(sorted(readAll(state)), sorted(model), "after drops");
        }
      } finally {
        void database.close().then(() => folder.remove());
      }
    }),
    { numRuns: 40 },
  );
});

test("code of a block that is not written yet is found", () => {
  const stored = { account: () => undefined, storage: () => undefined, node: () => undefined, code: () => undefined };
  const state = new UnwrittenState(stored);
  const hash = new Uint8Array(32).fill(7);
  const [before, after] = [new Uint8Array(), Uint8Array.of(0xfe)];
  state.add(1, encodeChanges([{ kind: changeKind.code, key: hash, before, after }]));
  assert.deepEqual(Uint8Array.from(state.code(hash)!), after);
  state.drop(1);
  assert.equal(state.code(hash), undefined);
});
