import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { SignedBlock } from "@metis/node";
import { seededRng } from "@metis/runtime";
import { createWalletClient, http } from "viem";
import { spawnSeat } from "./nodeProcess.ts";
import type { Heads, NodeProcess } from "./nodeProcess.ts";
import { until, World } from "./world.ts";

const kills = Number(process.env["METIS_TEST_KILLS"] ?? 50);

suite("a sequencer that is killed again and again under load", () => {
  let world: World;
  const seen = new Map<string, string>();
  const attested = new Map<string, string>();

  before(async () => {
    world = await World.start();
    world.mine();
  });
  after(() => world?.stop());

  const startNode = (): Promise<NodeProcess> => spawnSeat(world, "killed");

  /** Notes what the node announces as signed, and that nothing announced before has changed. */
  async function observe({ rpc }: NodeProcess): Promise<void> {
    const { signed } = await rpc.request<Heads>("rollup_syncStatus");
    assert.equal(seen.get(signed.number) ?? signed.hash, signed.hash, `signed block ${signed.number} changed`);
    seen.set(signed.number, signed.hash);
    const certificate = await rpc.request<Pick<SignedBlock, "attestation"> | null>("rollup_certificate", [
      signed.number,
    ]);
    if (!certificate) return;
    const { generation, number, blockHash } = certificate.attestation;
    const key = `${generation}/${number}`;
    assert.equal(attested.get(key) ?? blockHash, blockHash, `two attestations for ${key}`);
    attested.set(key, blockHash);
  }

  /** Sends for `ms`, and on until `blocks` newly signed ones were seen: on a slow machine a start takes longer than a round. */
  async function load(running: NodeProcess, ms: number, blocks: number): Promise<void> {
    const wallet = createWalletClient({
      account: world.anvil.account(5),
      transport: http(running.url, { retryCount: 0 }),
    });
    const end = performance.now() + ms;
    const wanted = seen.size + blocks;
    while (performance.now() < end || seen.size < wanted) {
      const to = "0x00000000000000000000000000000000000000d0";
      await wallet.sendTransaction({ to, value: 1n, chain: null, gas: 21_000n }).catch(() => undefined);
      await observe(running);
    }
  }

  test(`${kills} times kill -9: no signed block is lost or changed, and the node opens again`, async () => {
    const rng = seededRng(7);
    for (let round = 0; round < kills; round++) {
      const running = await startNode();
      for (const [number, hash] of seen) {
        const block = await running.rpc.request<{ hash: string } | null>("eth_getBlockByNumber", [number, false]);
        assert.equal(block?.hash, hash, `block ${number} after kill ${round}`);
      }
      await load(running, 50 + rng.below(900), round % 2);
      await running.kill();
    }
    assert.ok(seen.size >= Math.floor(kills / 2), "blocks were made in between");
  });

  test("afterwards it goes on, and a node derived from L1 has the same chain", async () => {
    const running = await startNode();
    const { signed } = await running.rpc.request<Heads>("rollup_syncStatus");
    const wanted = BigInt(signed.number);
    const safe = await until("everything signed is on L1", async () => {
      const status = await running.rpc.request<Heads>("rollup_syncStatus");
      return BigInt(status.safe.number) >= wanted && status.safe;
    });
    const replica = await world.node("replica");
    await until("the replica follows", () => replica.base.heads.heads().safe.number >= BigInt(safe.number));
    for (const [number, hash] of seen) {
      if (BigInt(number) > BigInt(safe.number)) continue;
      assert.equal((await replica.base.mvm.reader.block(BigInt(number)))!.hash, hash);
    }
    await running.kill();
  });
});
