import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AnswerMemory } from "./answers.ts";

const someLength = fc.integer({ min: 1, max: 1_000_000 });

test("no two answers that are in use share memory, whatever is taken and given back", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(someLength, fc.nat({ max: 20 })), { maxLength: 60 }), (steps) => {
      const memory = new AnswerMemory(true);
      const used: Uint8Array[] = [];
      for (const [length, given] of steps) {
        const bytes = memory.take(length);
        assert.equal(bytes.length, length);
        assert.ok(used.every(({ buffer }) => buffer !== bytes.buffer));
        used.push(bytes);
        if (given < used.length) memory.release(used.splice(given, 1)[0]!);
      }
    }),
  );
});

test("what was given back serves the next answer that fits, and a larger one finds no room in it", () => {
  const memory = new AnswerMemory(true);
  const first = memory.take(1000);
  memory.release(first);
  assert.notEqual(memory.take(first.buffer.byteLength + 1).buffer, first.buffer);
  assert.equal(memory.take(2000).buffer, first.buffer);
});

test("of many answers given back only the largest pieces are kept", () => {
  const memory = new AnswerMemory(true);
  const large = memory.take(500_000);
  const small = Array.from({ length: 20 }, () => memory.take(10));
  memory.release(large);
  for (const bytes of small) memory.release(bytes);
  assert.equal(memory.take(500_000).buffer, large.buffer);
});
