import assert from "node:assert/strict";
import { test } from "node:test";
import { everyOne } from "./everyOne.ts";

test("a failure is thrown when the others have ended, too", async () => {
  const slow = Promise.withResolvers<void>();
  let thrown = false;
  const all = everyOne([Promise.reject(new Error("the first")), slow.promise]).catch((error: Error) => {
    thrown = true;
    return error.message;
  });
  await new Promise(setImmediate);
  assert.equal(thrown, false);
  slow.resolve();
  assert.equal(await all, "the first");
});

test("without a failure every result is given, in order", async () => {
  assert.deepEqual(await everyOne([Promise.resolve(1), Promise.resolve(2)]), [1, 2]);
});
