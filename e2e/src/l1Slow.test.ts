// L1's endpoint stops answering for a while, as a busy one does; the pool goes on.
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { startStallingProxy } from "./stallingProxy.ts";
import type { StallingProxy } from "./stallingProxy.ts";
import { until, World } from "./world.ts";

const seats = 4;
/** Blocks that the pool makes while L1 is silent. */
const blocks = 4;

/** Whether the last block that the node holds as signed stands on the newest L1 block that one may stand on. */
function standsOnNewest({ base }: MetisNode): boolean {
  const certificate = base.chain.certificate(base.heads.heads().signed.number);
  return certificate?.attestation.anchorNumber === base.watcher.usableAnchor();
}

suite("four seats over an L1 that stops answering", () => {
  let world: World;
  let wire: StallingProxy;
  const nodes: MetisNode[] = [];
  before(async () => {
    world = await World.start({ seats });
    wire = await startStallingProxy(world.anvil.url);
    world.mine(500);
    for (let index = 0; index < seats; index++)
      nodes.push(await world.seat(index, { "l1.rpc": wire.url, "l1.beacon": [wire.url] }));
  });
  after(async () => {
    wire?.resume();
    await world?.stop();
    wire?.close();
  });

  const goesOn = async (words: string): Promise<void> => {
    const first = nodes[0]!;
    const { wallet, reader } = world.clients(first);
    const send = async (): Promise<bigint> => {
      const hash = await wallet.sendTransaction({ to: wallet.account.address, value: 1n });
      return (await reader.waitForTransactionReceipt({ hash, timeout: 120_000 })).blockNumber;
    };
    const signed = (number: bigint) =>
      until(`block ${number} is signed`, () => nodes.every((node) => node.base.heads.heads().signed.number >= number));
    const settled = await send();
    await until("batches flow", () => first.base.heads.heads().safe.number >= settled);
    await world.leap(60);
    const head = await world.anvil.client.getBlockNumber();
    await until("every seat has seen L1's last block", () =>
      nodes.every((node) => node.base.watcher.view.head.number >= head),
    );
    // A seat that has yet to read what a block stands on would wait for L1 with its vote.
    await until("every seat stands on the newest L1 block that it may", async () => {
      await signed(await send());
      return nodes.every(standsOnNewest);
    });
    wire.stall(words);
    world.mine(500);
    await until("every seat waits for L1", () => wire.waiting >= seats);
    let last = 0n;
    for (let block = 0; block < blocks; block++) await signed((last = await send()));
    wire.resume();
    await until("what was signed meanwhile is on L1", () => first.base.heads.heads().safe.number >= last);
  };

  test("transactions are included and signed while every request to L1 waits, and batches flow again afterwards", () =>
    goesOn("POST"));

  test("the same while L1 shows its new blocks and keeps their deposits back", () => goesOn("eth_getLogs"));
});
