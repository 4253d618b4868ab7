// What a start that fails half-way leaves: nothing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ProcessPool } from "./poolProcesses.ts";
import { openLoopback } from "./seatNetwork.ts";
import { until } from "./world.ts";
import type { World } from "./world.ts";

const children = (): readonly string[] => process.getActiveResourcesInfo().filter((what) => what === "ProcessWrap");

test("a pool one of whose seats cannot listen does not start, and nothing of it stays", async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const worlds: World[] = [];
  const starting = ProcessPool.start({
    prepare: (world) => void worlds.push(world),
    async network(world, size) {
      const network = await openLoopback(world, size);
      return { ...network, listen: (seat) => (seat === 3 ? `127.0.0.1:${port}` : network.listen(seat)) };
    },
  });
  await assert.rejects(starting, { code: "exited-early", message: new RegExp(`port ${port} of 127.0.0.1 is taken`) });
  await until("no child is left", () => children().length === 0);
  assert.equal(existsSync(worlds[0]!.folder), false);
});

test("a pool that finds nothing made ready for it does not start, and nothing of it stays", async () => {
  const prepare = (): void => {
    throw new Error("no disk");
  };
  await assert.rejects(ProcessPool.start({ prepare }), { message: "no disk" });
  await until("no child is left", () => children().length === 0);
});
