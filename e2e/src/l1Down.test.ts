// L1's endpoint goes away and comes back; L1 itself goes on.
import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { after, before, suite, test } from "node:test";
import { createNode } from "@metis/node";
import { createLogger, listen } from "@metis/runtime";
import { join } from "node:path";
import { metis, until, World } from "./world.ts";

/** A wire to `port` that can be cut. */
async function cuttableWire(port: number) {
  const sockets = new Set<Socket>();
  let whole = true;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    keep(far);
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await listen(server, { host: "127.0.0.1", port: 0 });
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      whole = false;
      cutAll();
    },
    mend: () => {
      whole = true;
    },
    close: () => {
      server.close();
      cutAll();
    },
  };
}

suite("L1's endpoint down for a minute of L1's time", () => {
  let world: World;
  before(async () => {
    world = await World.start();
    world.mine(50);
  });
  after(() => world?.stop());

  test("nothing is lost, and the log says when it went and when it came back", async (t) => {
    const wire = await cuttableWire(world.anvil.port);
    const said: string[] = [];
    const destination = { write: (line: string) => said.push(line) };
    const given = {
      role: "sequencer",
      "signer.keyFile": join(world.folder, "seat.key"),
      "l1.rpc": wire.url,
      "l1.beacon": [wire.url],
    } as const;
    const logger = createLogger({ level: "info", format: "json", destination });
    const node = createNode(world.options("wired", given), { logger, deployment: world.deployment });
    await node.start();
    t.after(async () => {
      await node.stop();
      wire.close();
    });
    const { wallet, reader } = world.clients(node);
    const to = "0x00000000000000000000000000000000000000e1";
    const send = async (): Promise<bigint> => {
      const hash = await wallet.sendTransaction({ to, value: 1n });
      return (await reader.waitForTransactionReceipt({ hash })).blockNumber;
    };
    const earlier = await send();
    await until("batches flow", () => node.base.heads.heads().safe.number >= earlier);

    await world.leap(60);
    const cutAt = await world.anvil.client.getBlockNumber();
    await until("the node has seen L1's last block", () => node.base.watcher.view.head.number >= cutAt);
    wire.cut();
    world.mine();
    const during = await send();
    await world.deposit(to, metis);
    await until("a minute of L1", async () => (await world.anvil.client.getBlockNumber()) >= cutAt + 60n);
    const { signed, safe } = node.base.heads.heads();
    assert.ok(signed.number >= during && safe.number < during);
    wire.mend();

    await until("the deposit arrives", async () => (await reader.getBalance({ address: to })) === metis + 2n);
    const kept = await reader.getBlock({ blockNumber: during });
    await until("all of it is on L1", () => node.base.heads.heads().safe.number > during);
    assert.equal((await node.base.mvm.reader.block(during))?.hash, kept.hash);
    const words = said.join("\n");
    assert.match(words, /L1 does not answer/);
    assert.match(words, /L1 answers again/);
  });
});
