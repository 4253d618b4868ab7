// Three hundred blocks of mixed traffic, derived again from L1 alone.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { walletActionsMetisL1, walletActionsMetisL2 } from "@metis/client";
import type { MetisNode } from "@metis/node";
import { counterBytecode, deployCounter, deployToken } from "@metis/testing";
import { encodeFunctionData, erc20Abi, type Address, type Hex } from "viem";
import { until, World } from "./world.ts";

const blocks = 300n;

suite("a chain of at least 300 blocks with mixed traffic", () => {
  let world: World;
  let sequencer: MetisNode;
  before(async () => {
    world = await World.start();
    world.mine(25);
    sequencer = await world.sequencer();
  });
  after(() => world?.stop());

  test("a node with an empty disk and an L1 endpoint arrives at the same head hash and output root", async () => {
    await fillBlocks();
    const { signed } = sequencer.base.heads.heads();
    await until("every block is on L1", () => sequencer.base.heads.heads().safe.number >= signed.number);

    const replica = await world.node("empty");
    await until("the replica is there", () => replica.base.heads.heads().safe.number >= signed.number);
    for (const number of [1n, signed.number / 2n, signed.number]) {
      const [own, derived] = await Promise.all([sequencer, replica].map((node) => node.base.mvm.reader.block(number)));
      assert.ok(own);
      assert.equal(derived?.hash, own.hash);
      assert.equal(derived.outputRoot, own.outputRoot);
    }
  });

  /** Transfers, token transfers, calls, creations, refused calls, deposits and withdrawals until there are enough blocks. */
  async function fillBlocks(): Promise<void> {
    const { reader, wallet } = world.clients(sequencer);
    const l1 = walletActionsMetisL1(world.deployment.contracts)(world.anvil.client);
    const l2 = walletActionsMetisL2()(wallet);
    const sender = { ...wallet, ...reader } as unknown as Parameters<typeof deployToken>[0];
    const token = await deployToken(sender, wallet.account, 10n ** 24n);
    const counter = await deployCounter(sender, wallet.account);
    let nonce = await reader.getTransactionCount({ address: wallet.account.address });
    const send = (request: { to?: Address; data?: Hex; value?: bigint; gas?: bigint }): Promise<Hex> =>
      wallet.sendTransaction({ gas: 200_000n, ...request, nonce: nonce++ });
    for (let round = 0n; sequencer.base.heads.heads().signed.number < blocks; round++) {
      const to = `0x${(0x1000n + round).toString(16).padStart(40, "0")}` as const;
      const data = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, round] });
      const tooMuch = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, 10n ** 30n] });
      const burst: Promise<Hex>[] = [send({ to, value: 1n }), send({ to: token, data }), send({ to: counter })];
      if (round % 4n === 0n) burst.push(send({ data: counterBytecode }), send({ to: token, data: tooMuch }));
      const hashes = await Promise.all(burst);
      await reader.waitForTransactionReceipt({ hash: hashes.at(-1)! });
      if (round % 16n === 1n) await l1.depositEth({ account: world.anvil.account(6), amount: 1n });
      if (round % 16n === 9n) {
        await l2.initiateWithdrawal({ asset: "metis", amount: 1n });
        nonce = await until("the withdrawal's nonce", async () => {
          const next = await reader.getTransactionCount({ address: wallet.account.address });
          return next > nonce && next;
        });
      }
    }
  }
});
