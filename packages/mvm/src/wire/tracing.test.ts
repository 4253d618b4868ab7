import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonItems } from "./tracing.ts";

test("the items of any JSON list are what parsing it and writing each of them gives", () => {
  const value = fc.oneof(fc.jsonValue(), fc.string({ unit: fc.constantFrom('"', "\\", "[", "]", "{", "}", ",", "a") }));
  fc.assert(
    fc.property(fc.array(value), (list) => {
      assert.deepEqual(
        jsonItems(JSON.stringify(list)),
        list.map((item) => JSON.stringify(item)),
      );
    }),
  );
});
