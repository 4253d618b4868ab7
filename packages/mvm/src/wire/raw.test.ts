import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRlp } from "@metis/protocol";
import fc from "fast-check";
import { toHex } from "../bytes.ts";
import { hexList, rawBytes, rawItems, rawList, transactionsLength } from "./raw.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.uint8Array({ minLength: 1, maxLength: 1 }),
  fc.nat(70_000).map((length) => new Uint8Array(length).fill(7)),
);
const lists = fc.array(bytes, { maxLength: 6 });

test("lists are put together and taken apart as RLP has them", () => {
  fc.assert(
    fc.property(lists, (items) => {
      const list = Buffer.from(encodeRlp(items));
      assert.deepEqual(hexList(items.map(toHex)), list);
      assert.deepEqual(Buffer.from(rawList(items.map((item) => encodeRlp(item)))), list);
      assert.deepEqual(
        rawItems(list).map((item) => Uint8Array.from(item)),
        items.map((item) => encodeRlp(item)),
      );
      assert.deepEqual(
        rawItems(list).map((item) => Uint8Array.from(rawBytes(item))),
        items,
      );
    }),
    { numRuns: 100 },
  );
});

test("a list of transactions is as long as a block has it", () => {
  const legacy = fc.array(fc.uint8Array({ maxLength: 80 })).map((fields) => ({ fields, isLegacy: true }));
  const typed = fc.array(fc.uint8Array({ maxLength: 80 })).map((fields) => ({ fields, isLegacy: false }));
  fc.assert(
    fc.property(fc.array(fc.oneof(legacy, typed)), (transactions) => {
      const signed = transactions.map(({ fields, isLegacy }) =>
        isLegacy ? encodeRlp(fields) : Buffer.concat([Uint8Array.of(2), encodeRlp(fields)]),
      );
      const inBlock = transactions.map(({ fields, isLegacy }, i) => (isLegacy ? fields : signed[i]!));
      assert.equal(transactionsLength(encodeRlp(signed)), encodeRlp(inBlock).length);
    }),
  );
});
