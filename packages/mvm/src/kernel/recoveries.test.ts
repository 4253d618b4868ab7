import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecoveryTable } from "./recoveries.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
/** Few first bytes, so that many share a row. */
const message = fc.tuple(fc.nat(1), bytes(29)).map(([first, rest]) => Uint8Array.of(first, 0, 0, ...rest));
const entry = fc.record({ message, signature: bytes(64), recid: fc.nat(3), key: bytes(64) });

test("a lookup finds the key of exactly its arguments, or nothing", () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (entries) => {
      const table = new RecoveryTable(RecoveryTable.allocate());
      for (const [i, { message: asked, signature, recid, key }] of entries.entries()) {
        assert.equal(table.get(asked, signature, recid), undefined);
        table.put(asked, signature, recid, key);
        assert.deepEqual(table.get(asked, signature, recid), key);
        assert.equal(table.get(asked, signature, (recid + 1) % 4), undefined);
        for (const old of entries.slice(0, i)) {
          const found = table.get(old.message, old.signature, old.recid);
          if (found !== undefined) assert.deepEqual(found, old.key);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("two tables over one memory are one table, and a row that another thread holds counts as empty", () => {
  const memory = RecoveryTable.allocate();
  const [mine, theirs] = [new RecoveryTable(memory), new RecoveryTable(memory)];
  const asked = new Uint8Array(32).fill(1);
  const signature = new Uint8Array(64).fill(2);
  const key = new Uint8Array(64).fill(3);
  mine.put(asked, signature, 0, key);
  assert.deepEqual(theirs.get(asked, signature, 0), key);
  const locks = new Int32Array(memory, 0, 1 << 16);
  locks.fill(1);
  assert.equal(theirs.get(asked, signature, 0), undefined);
  theirs.put(asked, signature, 0, new Uint8Array(64));
  locks.fill(0);
  assert.deepEqual(mine.get(asked, signature, 0), key);
});

test("a first, unwritten row answers nothing, not even for zeros", () => {
  const table = new RecoveryTable(RecoveryTable.allocate());
  assert.equal(table.get(new Uint8Array(32), new Uint8Array(64), 0), undefined);
});
