import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { predeploys, withdrawalHash, withdrawalSlot } from "@metis/protocol";
import { metisSequencerSetAbi } from "@metis/protocol/contracts";
import { signed } from "@metis/mvm/testing";
import { encodeFunctionData } from "viem";
import { emissionReserve, RewardChain } from "./rewards.fixture.ts";

const report = (epoch: bigint) =>
  encodeFunctionData({ abi: metisSequencerSetAbi, functionName: "reportEpoch", args: [epoch] });

suite("what L2's chain says of epochs", () => {
  let chain: RewardChain;
  before(async () => (chain = await RewardChain.start()));
  after(() => chain.stop());

  test("a block is of its anchor's epoch, the genesis of the first", async () => {
    await chain.block(3n);
    await chain.block(4n);
    const epochs = [0n, 1n, 2n].map((number) => chain.reports.epochAt(number));
    assert.deepEqual(await Promise.all(epochs), [0n, 0n, 1n]);
  });

  test("counts and fees of an epoch are those of the state asked about", async () => {
    await chain.block(4n, { transactions: [await signed(0, { value: 1n }), await signed(1, { value: 1n })] });
    const counting = chain.mvm.head().number;
    const held = await Promise.all(
      [predeploys.sequencerFeeVault, predeploys.baseFeeVault, predeploys.l1FeeVault].map(async (vault) => {
        return (await chain.mvm.reader.account(vault, counting))?.balance ?? 0n;
      }),
    );
    assert.ok(held.every((balance) => balance > 0n));
    await chain.block(5n, { counted: 0n });
    const now = chain.mvm.head().number;
    assert.deepEqual(await chain.reports.countsOf(0n, counting), { blocks: 0n, isReported: false, words: [] });
    assert.deepEqual(await chain.reports.countsOf(0n, now), {
      blocks: 2n,
      isReported: false,
      words: [(2n << 32n) | 2n],
    });
    const rate = chain.config.initialRate;
    assert.deepEqual(await chain.reports.revenueOf(0n, counting), { fees: 0n, l1Fees: 0n, rate });
    assert.deepEqual(await chain.reports.revenueOf(0n, now), { fees: held[0]! + held[1]!, l1Fees: held[2]!, rate });
  });

  test("a report is found in the chain up to a block, with the message that the message passer holds", async () => {
    await chain.block(8n);
    assert.equal(await chain.reports.find(0n, chain.mvm.head().number), undefined);
    const below = chain.mvm.head().number;
    const { fees, l1Fees } = await chain.reports.revenueOf(0n, below);
    const call = { to: predeploys.metisSequencerSet, data: report(0n), gas: 1_000_000n };
    await chain.block(9n, { transactions: [await signed(2, { value: 3n }), await signed(3, call)] });
    await chain.block(10n);
    const last = chain.mvm.head().number;
    assert.equal(await chain.reports.find(0n, below), undefined);
    assert.equal(await chain.reports.find(1n, last), undefined);
    const found = (await chain.reports.find(0n, last))!;
    const { blocks, words } = await chain.reports.countsOf(0n, last);
    assert.deepEqual([found.epoch, found.l2Block, found.blocks, found.words], [0n, last - 1n, blocks, words]);
    assert.equal(found.withdrawal.value, fees + l1Fees);
    assert.equal(found.withdrawal.sender, predeploys.l2CrossDomainMessenger);
    assert.ok(found.withdrawal.data.toLowerCase().includes(emissionReserve.slice(2)));
    const slot = withdrawalSlot(withdrawalHash(found.withdrawal));
    const proof = await chain.mvm.reader.proof(predeploys.l2ToL1MessagePasser, [slot], last);
    assert.equal(proof?.storageProof[0]?.value, 1n);
    assert.equal((await chain.reports.countsOf(0n, last)).isReported, true);
  });
});
