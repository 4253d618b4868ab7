import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "./memory.ts";
import { dropPart, partOf } from "./part.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

test("a part sees its own keys alone, in order and within a range, and can be dropped", async () => {
  const store = new MemoryStore();
  const [first, second] = [partOf(store, "part/1"), partOf(store, "part/10")];
  await first.write(["b", "a", "c"].map((key) => ({ kind: "put", key: bytes(key), value: bytes(`1${key}`) })));
  await second.write([{ kind: "put", key: bytes("a"), value: bytes("2a") }]);
  assert.equal(text(first.get(bytes("a"))!), "1a");
  const keys = (range = {}) => [...first.entries(range)].map(([key]) => text(key));
  assert.deepEqual(keys(), ["a", "b", "c"]);
  assert.deepEqual(keys({ from: bytes("b") }), ["b", "c"]);
  assert.deepEqual(keys({ to: bytes("b"), reverse: true }), ["a"]);
  await first.write([{ kind: "delete", key: bytes("b") }]);
  assert.deepEqual(keys({ limit: 1, reverse: true }), ["c"]);
  await dropPart(store, "part/1");
  assert.deepEqual(keys(), []);
  assert.equal(text(second.get(bytes("a"))!), "2a");
});
