import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { openLmdbStore } from "./lmdb.ts";
import { MemoryStore } from "./memory.ts";
import type { KeyRange, Store, StoreOp } from "./store.ts";
import { codecs, jsonCodec, openTable } from "./table.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: Uint8Array, value: Uint8Array): StoreOp => ({ kind: "put", key, value });
const keys = (store: Store, range?: KeyRange): number[][] => [...store.entries(range)].map(([key]) => Array.from(key));

/** What every store promises. `reopen` gives what a restart finds. */
function compliance(name: string, make: () => { store: Store; reopen: (store: Store) => Promise<Store> }): void {
  describe(`${name} store`, () => {
    test("gives back what was put, and nothing for what was not or was deleted", async () => {
      const { store } = make();
      await store.write([put(bytes(1), bytes(9, 8)), put(bytes(2), bytes())]);
      assert.deepEqual(store.get(bytes(1)), bytes(9, 8));
      assert.deepEqual(store.get(bytes(2)), bytes());
      assert.equal(store.get(bytes(3)), undefined);
      await store.write([
        { kind: "delete", key: bytes(1) },
        { kind: "delete", key: bytes(7) },
      ]);
      assert.equal(store.get(bytes(1)), undefined);
      await store.close();
    });

    test("operations of a batch apply in order", async () => {
      const { store } = make();
      await store.write([put(bytes(1), bytes(1)), { kind: "delete", key: bytes(1) }, put(bytes(1), bytes(2))]);
      assert.deepEqual(store.get(bytes(1)), bytes(2));
      await store.close();
    });

    test("a batch with a bad key changes nothing", async () => {
      const { store } = make();
      await assert.rejects(store.write([put(bytes(1), bytes(1)), put(bytes(), bytes(1))]), { code: "bad-key" });
      await assert.rejects(store.write([put(new Uint8Array(1025), bytes(1))]), { code: "bad-key" });
      assert.equal(store.get(bytes(1)), undefined);
      await store.close();
    });

    test("walks half-open ranges in byte order, both ways, up to a limit", async () => {
      const { store } = make();
      const all = [[0], [1], [1, 0], [1, 255], [2], [128], [255]];
      await store.write(all.toReversed().map((key) => put(bytes(...key), bytes(...key))));
      assert.deepEqual(keys(store), all);
      assert.deepEqual(keys(store, { reverse: true }), all.toReversed());
      assert.deepEqual(keys(store, { from: bytes(1), to: bytes(2) }), [[1], [1, 0], [1, 255]]);
      assert.deepEqual(keys(store, { from: bytes(1), to: bytes(2), reverse: true }), [[1, 255], [1, 0], [1]]);
      assert.deepEqual(keys(store, { from: bytes(3), to: bytes(100), reverse: true }), []);
      assert.deepEqual(keys(store, { to: bytes(200), reverse: true, limit: 2 }), [[128], [2]]);
      assert.deepEqual(keys(store, { limit: 0 }), []);
      assert.deepEqual(keys(store, { from: bytes(5), to: bytes(5) }), []);
      await store.close();
    });

    test("keeps what was written over a restart", async () => {
      const { store, reopen } = make();
      await store.write([put(bytes(1), bytes(42))]);
      const again = await reopen(store);
      assert.deepEqual(again.get(bytes(1)), bytes(42));
      await again.close();
    });

    test("values given and taken are copies", async () => {
      const { store } = make();
      const value = bytes(1);
      await store.write([put(bytes(1), value)]);
      value[0] = 2;
      const taken = store.get(bytes(1));
      if (taken) taken[0] = 3;
      assert.deepEqual(store.get(bytes(1)), bytes(1));
      await store.close();
    });

    test("after close every call says so", async () => {
      const { store } = make();
      await store.close();
      await store.close();
      assert.throws(() => store.get(bytes(1)), { code: "closed" });
      await assert.rejects(store.write([]), { code: "closed" });
      assert.throws(() => [...store.entries()], { code: "closed" });
    });

    test("tables of one store do not see each other's keys", async () => {
      const { store } = make();
      const blocks = openTable(store, "block", codecs.uint64, jsonCodec<{ size: bigint }>());
      const other = openTable(store, "block-hash", codecs.text, codecs.hex);
      await store.write([blocks.put(2n, { size: 5n }), blocks.put(300n, { size: 6n }), other.put("a", "0x12")]);
      assert.deepEqual(
        [...blocks.entries()],
        [
          [2n, { size: 5n }],
          [300n, { size: 6n }],
        ],
      );
      assert.deepEqual([...blocks.entries({ from: 3n, reverse: true })], [[300n, { size: 6n }]]);
      assert.deepEqual([...other.entries()], [["a", "0x12"]]);
      await store.write([blocks.delete(2n)]);
      assert.equal(blocks.get(2n), undefined);
      await store.close();
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), "metis-store-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

compliance("lmdb", () => {
  const path = join(folder, `${files++}`);
  return {
    store: openLmdbStore({ path }),
    reopen: async (store) => {
      await store.close();
      return openLmdbStore({ path });
    },
  };
});
compliance("memory", () => {
  const store = new MemoryStore();
  return { store, reopen: async () => store.reopened() };
});

test("before the disk is full writes are refused, and taken when there is room again", async () => {
  const path = join(folder, `${files++}`);
  const put1 = put(bytes(1), bytes(1));
  const scarce = openLmdbStore({ path, reserve: Infinity });
  await assert.rejects(scarce.write([put1]), { code: "disk-full", remedy: "retry" });
  assert.equal(scarce.get(bytes(1)), undefined);
  await scarce.close();
  const store = openLmdbStore({ path });
  await store.write([put1]);
  assert.deepEqual(store.get(bytes(1)), bytes(1));
  await store.close();
});

test(
  "a write that fails half-way gives a code and changes nothing",
  { skip: process.platform === "win32" },
  async () => {
    const path = join(folder, `${files++}`);
    const script = `
      const { openLmdbStore } = await import(${JSON.stringify(new URL("lmdb.ts", import.meta.url).href)});
      const store = openLmdbStore({ path: ${JSON.stringify(path)} });
      const put = (key, length) => ({ kind: "put", key: Uint8Array.of(key), value: new Uint8Array(length) });
      await store.write([put(1, 10)]);
      const refused = await Promise.allSettled([2, 3].map((key) => store.write([put(key, 4_000_000), put(key + 10, 1)])));
      console.log(JSON.stringify(refused.map(({ reason }) => [reason?.code, reason?.remedy])));
      await store.close();`;
    // A limit on the size of files stands for the full disk: writes beyond it fail in the same way.
    const node = [process.execPath, "--conditions=@metis/source", "--input-type=module", "-e", script];
    const { stdout, status } = spawnSync("sh", ["-c", `trap '' XFSZ; ulimit -f 2000; exec "$0" "$@"`, ...node], {
      encoding: "utf8",
    });
    assert.equal(status, 0);
    const refusal = ["write-failed", "halt"];
    assert.deepEqual(JSON.parse(stdout), [refusal, refusal]);
    const store = openLmdbStore({ path });
    assert.deepEqual(keys(store), [[1]]);
    await store.close();
  },
);

test("disk and memory agree on any sequence of batches and ranges", async () => {
  const key = fc.array(fc.constantFrom(0, 1, 7, 255), { minLength: 1, maxLength: 3 }).map((list) => bytes(...list));
  const op = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), key, value: fc.uint8Array({ maxLength: 4 }) }),
    fc.record({ kind: fc.constant("delete" as const), key }),
  );
  const range = fc.record({ from: key, to: key, reverse: fc.boolean(), limit: fc.nat(5) }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(op, { maxLength: 8 }), { maxLength: 4 }),
      fc.array(range),
      async (batches, ranges) => {
        const disk = openLmdbStore({ path: join(folder, `${files++}`) });
        const memory = new MemoryStore();
        for (const batch of batches) await Promise.all([disk.write(batch), memory.write(batch)]);
        for (const wanted of [{}, ...ranges]) assert.deepEqual([...disk.entries(wanted)], [...memory.entries(wanted)]);
        await disk.close();
      },
    ),
    { numRuns: 30 },
  );
});
