import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "@metis/runtime";
import type { StoreOp } from "@metis/runtime";
import fc from "fast-check";
import { numberToHex } from "viem";
import type { Address, Hex } from "viem";
import { exportProtection, importProtection } from "./interchange.ts";
import { protectedSigners, ProtectionStore } from "./store.ts";

const signer: Address = "0x00000000000000000000000000000000000000a1";
const chain: Hex = numberToHex(7n, { size: 32 });
const digest = (value: number): Hex => numberToHex(value, { size: 32 });
const refused = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

test("a second digest for one (generation, number) is refused, the same digest is not", async () => {
  const store = new ProtectionStore(new MemoryStore(), signer);
  await store.admit({ generation: 0, number: 5n, digest: digest(1) });
  await store.admit({ generation: 0, number: 5n, digest: digest(1) });
  await assert.rejects(store.admit({ generation: 0, number: 5n, digest: digest(2) }), refused("double-sign"));
});

test("numbers only grow within a generation, and a new generation starts anywhere", async () => {
  const store = new ProtectionStore(new MemoryStore(), signer);
  await store.admit({ generation: 0, number: 5n, digest: digest(1) });
  await assert.rejects(store.admit({ generation: 0, number: 4n, digest: digest(2) }), refused("not-monotone"));
  await store.admit({ generation: 1, number: 2n, digest: digest(3) });
  await assert.rejects(store.admit({ generation: 0, number: 9n, digest: digest(4) }), refused("not-monotone"));
});

test("two askers at once cannot both win", async () => {
  const memory = new MemoryStore();
  const slow = {
    get: memory.get.bind(memory),
    entries: memory.entries.bind(memory),
    close: memory.close.bind(memory),
    write: async (ops: readonly StoreOp[]) => {
      await new Promise((resolve) => setImmediate(resolve));
      await memory.write(ops);
    },
  };
  const store = new ProtectionStore(slow, signer);
  const asks = [1, 2].map((value) => store.admit({ generation: 0, number: 1n, digest: digest(value) }));
  const results = await Promise.allSettled(asks);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
});

test("however much is pruned, numbers go on growing", async () => {
  const store = new ProtectionStore(new MemoryStore(), signer);
  for (const number of [3n, 5n]) await store.admit({ generation: 0, number, digest: digest(Number(number)) });
  await store.prune(1, 0n);
  assert.deepEqual([...store.entries()], [{ generation: 0, number: 5n, digest: digest(5) }]);
  await assert.rejects(store.admit({ generation: 0, number: 4n, digest: digest(4) }), refused("not-monotone"));
});

test("any sequence of requests, with restarts and pruning, never admits two digests for one number", async () => {
  const request = fc.record({
    generation: fc.integer({ min: 0, max: 2 }),
    number: fc.bigInt({ min: 0n, max: 6n }),
    digest: fc.integer({ min: 1, max: 2 }).map(digest),
    before: fc.constantFrom("nothing", "restart", "prune"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (requests) => {
      let memory = new MemoryStore();
      const admitted = new Map<string, Hex>();
      for (const { before, ...entry } of requests) {
        if (before === "restart") memory = memory.reopened();
        const store = new ProtectionStore(memory, signer);
        const highest = store.highest();
        if (before === "prune" && highest) await store.prune(highest.generation, highest.number);
        const key = `${entry.generation}/${entry.number}`;
        const won = await store.admit(entry).then(
          () => true,
          () => false,
        );
        if (!won) continue;
        assert.equal(admitted.get(key) ?? entry.digest, entry.digest);
        admitted.set(key, entry.digest);
      }
    }),
    { numRuns: 60 },
  );
});

test("keys are kept apart within one store", async () => {
  const memory = new MemoryStore();
  await new ProtectionStore(memory, signer).admit({ generation: 0, number: 5n, digest: digest(1) });
  const other = new ProtectionStore(memory, "0x00000000000000000000000000000000000000a2");
  await other.admit({ generation: 0, number: 5n, digest: digest(2) });
  assert.equal([...other.entries()].length, 1);
  await other.admit({ generation: 0xffff_ffff, number: 2n ** 64n - 1n, digest: digest(2) });
  await memory.write([{ kind: "put", key: new TextEncoder().encode("protectionist"), value: new Uint8Array() }]);
  assert.deepEqual([...protectedSigners(memory)], [signer, "0x00000000000000000000000000000000000000a2"]);
});

test("an exported file binds the machine that imports it", async () => {
  const source = new ProtectionStore(new MemoryStore(), signer);
  await source.admit({ generation: 0, number: 5n, digest: digest(1) });
  await source.admit({ generation: 1, number: 3n, digest: digest(2) });
  const file: unknown = JSON.parse(JSON.stringify(exportProtection(source, chain, signer)));
  const target = new ProtectionStore(new MemoryStore(), signer);
  assert.equal(await importProtection(target, chain, signer, file), 2);
  assert.deepEqual([...target.entries()], [...source.entries()]);
  await assert.rejects(target.admit({ generation: 1, number: 3n, digest: digest(9) }), refused("double-sign"));
});

test("a file of another chain, another key, another form or against our history changes nothing", async () => {
  const source = new ProtectionStore(new MemoryStore(), signer);
  await source.admit({ generation: 0, number: 5n, digest: digest(1) });
  const file = exportProtection(source, chain, signer);
  const target = new ProtectionStore(new MemoryStore(), signer);
  await target.admit({ generation: 0, number: 5n, digest: digest(2) });
  const entries = [...target.entries()];
  await assert.rejects(importProtection(target, digest(8), signer, file), refused("protection-foreign"));
  await assert.rejects(importProtection(target, chain, signer, { ...file, data: [] }), refused("protection-corrupt"));
  await assert.rejects(importProtection(target, chain, signer, null), refused("protection-corrupt"));
  await assert.rejects(importProtection(target, chain, signer, file), refused("double-sign"));
  assert.deepEqual([...target.entries()], entries);
});
