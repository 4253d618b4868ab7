import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MvmError } from "../errors.ts";
import { accounts, applyToModel, blockChanges, readAll, slots, sorted, type Model } from "../testing/model.ts";
import {
  syntheticBlock,
  syntheticChanges,
  temporaryFolder,
  zeroHash,
  type SyntheticChange,
} from "../testing/synthetic.ts";
import { Chain } from "./chain.ts";
import { Database } from "./database.ts";

function withChain(historyBlocks: number, body: (chain: Chain) => void): void {
  const folder = temporaryFolder();
  const database = Database.open(folder.path);
  try {
    const chain = new Chain(database, historyBlocks);
    chain.seed({ hash: zeroHash, digest: zeroHash, configuration: Uint8Array.of(1) }, syntheticBlock(0, zeroHash));
    body(chain);
  } finally {
    void database.close().then(() => folder.remove());
  }
}

function append(chain: Chain, changes: readonly SyntheticChange[], salt = 0): void {
  const { number, hash } = chain.head;
  chain.commit(syntheticBlock(number + 1, hash, syntheticChanges(changes, chain.database.state.current), salt));
}

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof MvmError) return error.code;
    throw error;
  }
  return "none";
};

test("every kept block reads as a full copy of the state would, also after rewinds", () => {
  const step = fc.oneof({ weight: 5, arbitrary: blockChanges }, { weight: 1, arbitrary: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      withChain(Infinity, (chain) => {
        const models: Model[] = [new Map()];
        for (const [salt, next] of steps.entries()) {
          if (typeof next === "number") {
            const target = Math.max(0, chain.head.number - next);
            chain.rewind(target);
            models.length = target + 1;
          } else {
            append(chain, next, salt + 1);
            models.push(applyToModel(models.at(-1)!, next));
          }
          for (const [number, model] of models.entries())
            assert.deepEqual(sorted(readAll(chain.stateAt(number)!)), sorted(model), `block ${number}`);
        }
      });
    }),
    { numRuns: 30 },
  );
});

test("a window keeps exactly its blocks and refuses older ones", () => {
  withChain(3, (chain) => {
    const models: Model[] = [new Map()];
    for (let i = 0; i < 10; i++) {
      const changes: SyntheticChange[] = [
        {
          account: i % accounts,
          fate: "set",
          balance: BigInt(i),
          slots: [[i % slots, BigInt(i)]],
          nodes: [[[0], 1 + (i % 2)]],
        },
      ];
      append(chain, changes, 1);
      models.push(applyToModel(models.at(-1)!, changes));
    }
    for (let number = 7; number <= 10; number++)
      assert.deepEqual(sorted(readAll(chain.stateAt(number)!)), sorted(models[number]!));
    assert.equal(
      codeOf(() => chain.stateAt(6)),
      "state-unavailable",
    );
    assert.equal(chain.stateAt(11), undefined);
    assert.equal(
      codeOf(() => chain.rewind(6)),
      "state-unavailable",
    );
    chain.rewind(7);
    assert.deepEqual(sorted(readAll(chain.stateAt(7)!)), sorted(models[7]!));
  });
});

test("pruning leaves nothing of a dropped block behind", () => {
  withChain(0, (chain) => {
    for (let i = 0; i < 6; i++)
      append(chain, [
        { account: 0, fate: "set", balance: BigInt(i), slots: [[0, BigInt(i)]], nodes: [[[0], 1 + (i % 2)]] },
      ]);
    assert.equal(chain.database.oldestState, 6);
    assert.equal(chain.database.state.historyRows, 0);
  });
});

test("a rewound block leaves its indexes and a different block may take its place", () => {
  withChain(Infinity, (chain) => {
    append(chain, [], 1);
    const first = chain.database.blocks.block(1)!;
    assert.deepEqual(chain.database.blocks.transaction(Buffer.from(first.transactionHashes[0]!.slice(2), "hex")), {
      number: 1,
      index: 0,
    });
    chain.rewind(0);
    assert.equal(chain.database.blocks.block(1), undefined);
    assert.equal(chain.database.blocks.number(Buffer.from(first.hash.slice(2), "hex")), undefined);
    assert.equal(
      chain.database.blocks.transaction(Buffer.from(first.transactionHashes[0]!.slice(2), "hex")),
      undefined,
    );
    append(chain, [], 2);
    assert.notEqual(chain.head.hash, first.hash);
  });
});

test("a block that does not extend the head is refused and changes nothing", () => {
  withChain(Infinity, (chain) => {
    append(chain, [{ account: 1, fate: "set", balance: 1n, slots: [], nodes: [] }]);
    const before = sorted(readAll(chain.stateAt(1)!));
    const stranger = syntheticBlock(
      2,
      zeroHash,
      syntheticChanges([{ account: 1, fate: "removed", balance: 0n, slots: [], nodes: [] }], chain.stateAt(1)!),
    );
    assert.equal(
      codeOf(() => chain.commit(stranger)),
      "head-moved",
    );
    assert.equal(chain.head.number, 1);
    assert.deepEqual(sorted(readAll(chain.stateAt(1)!)), before);
  });
});
