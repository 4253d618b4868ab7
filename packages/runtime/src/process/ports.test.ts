import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { freePorts, isFreePort, portsToGive } from "./ports.ts";

test("ports that are given are none that outgoing connections take", () => {
  assert.deepEqual(portsToGive("32768\t60999\n"), { first: 11_000, last: 32_767 });
  assert.deepEqual(portsToGive("49152\t65535\n"), { first: 11_000, last: 49_151 });
  assert.deepEqual(portsToGive("1024\t50000\n"), { first: 50_001, last: 65_535 });
  const place = fc.integer({ min: 1_024, max: 65_535 });
  fc.assert(
    fc.property(place, place, (one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      fc.pre(low > 13_000 || high < 63_000);
      const { first, last } = portsToGive(`${low}\t${high}`);
      assert.ok(first >= 11_000 && last <= 65_535 && first < last);
      assert.ok(last < low || first > high);
    }),
  );
});

test("where outgoing connections may take any port, or nothing says which they take, Linux' usual range is left to them", () => {
  assert.deepEqual(portsToGive("1024\t65535\n"), { first: 11_000, last: 32_767 });
  assert.deepEqual(portsToGive(""), { first: 11_000, last: 32_767 });
});

test("no port is given twice, nor one on which somebody listens", async () => {
  const [next] = await freePorts(1);
  const taken = createServer();
  // Somebody else may listen there as well.
  await new Promise((resolve) => taken.on("error", resolve).listen(next! + 1, "127.0.0.1", () => resolve(undefined)));
  const ports = await Promise.all([freePorts(5), freePorts(5)]);
  assert.equal(new Set([next, next! + 1, ...ports.flat()]).size, 12);
  taken.close();
});

test("a port is free until somebody listens there", async () => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  assert.equal(await isFreePort(port), false);
  server.close();
});
