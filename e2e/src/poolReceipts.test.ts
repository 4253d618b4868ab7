import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { brokenOrders } from "@metis/node";
import type { MetisNode, OrderedBlock, SignedReceipt } from "@metis/node";
import { receiptDigest, recoverSigner, signingDomain } from "@metis/protocol";
import { createRpcClient } from "@metis/runtime";
import { parseEther, zeroAddress } from "viem";
import type { Address, Hash, HDAccount, Hex } from "viem";
import { until, World } from "./world.ts";

interface Answer {
  readonly transactionHash: Hash;
  readonly receipt: Readonly<Record<"generation" | "sequence" | "firstBlock" | "lastBlock" | "signature", Hex>> & {
    readonly signer: Address;
  };
}

const receiptOf = ({ transactionHash, receipt }: Answer): SignedReceipt => ({
  receipt: {
    generation: Number(receipt.generation),
    transactionHash,
    sequence: BigInt(receipt.sequence),
    firstBlock: BigInt(receipt.firstBlock),
    lastBlock: BigInt(receipt.lastBlock),
  },
  signer: receipt.signer,
  signature: receipt.signature,
});

suite("receipts in a pool of four seats", () => {
  let world: World;
  const nodes: MetisNode[] = [];
  const users: HDAccount[] = [];
  const nonces: number[] = [];
  const given: SignedReceipt[] = [];
  before(async () => {
    world = await World.start({ seats: 4 });
    world.mine(250);
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
    const { wallet, reader } = world.clients(nodes[0]!);
    for (const index of [6, 7, 8, 9]) {
      users.push(world.anvil.account(index));
      nonces.push(0);
      const hash = await wallet.sendTransaction({ to: world.anvil.account(index).address, value: parseEther("10") });
      await until("a user has money", () => reader.getTransactionReceipt({ hash }).catch(() => undefined));
    }
  });
  after(() => world?.stop());

  /** The next transaction of a user, sent at `node`; while the lead changes it is asked for again. */
  async function send(user: number, node: MetisNode): Promise<void> {
    const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n, gas: 21_000n, type: "eip1559" as const };
    const request = { to: zeroAddress, value: 1n, nonce: nonces[user]!++, chainId: 901_088, ...fees };
    const raw = await users[user]!.signTransaction(request);
    const rpc = createRpcClient({ url: node.rpcUrl });
    const answer = await until("a receipt is given, or the transaction is in a block", async () => {
      try {
        return await rpc.request<Answer>("rollup_sendRawTransactionWithReceipt", [raw]);
      } catch (error) {
        return /nonce too low/.test(String(error)) ? "included" : undefined;
      }
    });
    if (answer !== "included") given.push(receiptOf(answer));
  }

  /** Every user sends `count` transactions, all users at once, each time at another seat. */
  const rush = (count: number): Promise<unknown> =>
    Promise.all(
      users.map(async (_, user) => {
        for (let sent = 0; sent < count; sent++) await send(user, nodes[(user + sent) % nodes.length]!);
      }),
    );

  test("every seat gives the leader's receipt, and it is the leader's signature", async () => {
    await rush(5);
    const domain = signingDomain(world.deployment.genesisConfig);
    assert.ok(given.length >= 5, `only ${given.length} receipts`);
    for (const { receipt, signer, signature } of given)
      assert.equal(recoverSigner(receiptDigest(domain, receipt), signature), signer);
  });

  test("a leader that is stopped and started again contradicts nothing it gave before", async () => {
    const leader = given.at(-1)!.signer;
    const index = nodes.findIndex(({ base, mesh }) => base && !mesh?.connected.includes(leader));
    await world.stopNode(nodes[index]!);
    nodes.splice(index, 1);
    await rush(2);
    nodes.push(await world.seat(index));
    await rush(3);
    const { reader } = world.clients(nodes[0]!);
    for (const [user, { address }] of users.entries())
      await until(
        "everything is in a block",
        async () => (await reader.getTransactionCount({ address })) === nonces[user],
      );
    const blocks = await blocksOf(nodes[0]!);
    assert.deepEqual(brokenOrders(given, blocks), []);
    const kept = given.filter(({ receipt, signer }) =>
      blocks.some(
        ({ proposer, number, transactionHashes }) =>
          proposer === signer && number >= receipt.firstBlock && transactionHashes.includes(receipt.transactionHash),
      ),
    );
    assert.ok(kept.length >= 3, `only ${kept.length} of ${given.length} receipts were put to the test`);
  });
});

async function blocksOf({ base }: MetisNode): Promise<readonly OrderedBlock[]> {
  const blocks: OrderedBlock[] = [];
  for (let number = 1n; number <= base.mvm.head().number; number++) {
    const block = await base.mvm.reader.block(number);
    if (block?.inputs) blocks.push({ ...block.inputs, transactionHashes: block.transactionHashes });
  }
  return blocks;
}
