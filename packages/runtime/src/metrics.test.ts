import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "./metrics.ts";

test("metrics render in the Prometheus format under the prefix metis_", async () => {
  const metrics = createMetrics();
  metrics.counter("batches_total", "Batches", ["mode"]).inc(2, { mode: "blobs" });
  metrics.gauge("height", "Height").set(7);
  metrics.histogram("pass_seconds", "Pass", [1, 2]).observe(1.5);
  let asked = 0;
  metrics.observed("queue", "Queue", () => ++asked);
  const text = await metrics.render();
  for (const line of [
    'metis_batches_total{mode="blobs"} 2',
    "metis_height 7",
    'metis_pass_seconds_bucket{le="2"} 1',
    "metis_queue 1",
  ])
    assert.ok(text.split("\n").includes(line), `${line} in\n${text}`);
});

test("asking twice for a name gives the same metric; two registries share none", async () => {
  const [a, b] = [createMetrics(), createMetrics()];
  a.counter("x_total", "x").inc();
  a.counter("x_total", "x").inc();
  b.counter("x_total", "x").inc();
  assert.match(await a.render(), /^metis_x_total 2$/m);
  assert.match(await b.render(), /^metis_x_total 1$/m);
});
