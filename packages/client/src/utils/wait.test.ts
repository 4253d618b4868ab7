import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./wait.ts";

test("waiting looks until there is an answer", async () => {
  let looks = 0;
  const answer = await until("it", async () => (++looks === 3 ? "here" : undefined), { pollingInterval: 0 });
  assert.deepEqual([answer, looks], ["here", 3]);
});

test("waiting ends when the caller stops it, and passes errors on", async () => {
  const stop = new AbortController();
  const looked = Promise.withResolvers<void>();
  const waiting = until("a thing", async () => looked.resolve(), { pollingInterval: 60_000, signal: stop.signal });
  await looked.promise;
  stop.abort();
  await assert.rejects(waiting, { code: "stopped-waiting", remedy: "retry", message: /a thing/ });
  await assert.rejects(
    until("it", () => Promise.reject(new Error("dead")), {}),
    /dead/,
  );
});
