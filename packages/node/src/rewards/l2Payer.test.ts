import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { predeploys } from "@metis/protocol";
import { metisSequencerSetAbi as abi } from "@metis/protocol/contracts";
import { alice } from "@metis/mvm/testing";
import { encodeFunctionData, parseTransaction } from "viem";
import { MempoolError } from "../mempool/errors.ts";
import { nextBaseFee } from "../rpc/blockFees.ts";
import { decodeHeader } from "../rpc/header.ts";
import { RewardChain } from "./rewards.fixture.ts";

const to = predeploys.metisSequencerSet;
const call = { to, data: encodeFunctionData({ abi, functionName: "reportEpoch", args: [0n] }), abi } as const;

suite("the account that pays on L2", () => {
  let chain: RewardChain;
  before(async () => (chain = await RewardChain.start()));
  after(() => chain.stop());

  test("what a contract refuses is not sent, and the refusal has its name", async () => {
    assert.deepEqual(await chain.payer().send(call), { refused: "EpochOpen" });
    assert.deepEqual(await chain.payer().send({ ...call, data: "0x12345678" }), { refused: "refused" });
    assert.deepEqual(chain.waiting, []);
  });

  test("a call is sent with the next nonce, a margin of gas, and twice the next block's base fee", async () => {
    await chain.closeFirstEpoch();
    const payer = chain.payer();
    assert.equal(payer.address, alice.address);
    assert.ok("hash" in (await payer.send(call)));
    const sent = parseTransaction(chain.waiting[0] as `0x02${string}`);
    const { number } = chain.mvm.head();
    const baseFee = nextBaseFee(decodeHeader((await chain.mvm.reader.block(number))!.headerRlp))!;
    assert.deepEqual([sent.nonce, sent.to, sent.data, sent.chainId], [0, to, call.data, 901_088]);
    assert.deepEqual([sent.maxFeePerGas, sent.maxPriorityFeePerGas], [2n * baseFee + 5n, 5n]);
    await chain.block(9n);
    assert.equal((await chain.reports.countsOf(0n, chain.mvm.head().number)).isReported, true);
    const receipts = (await chain.mvm.reader.receipts(chain.mvm.head().number))!;
    const used = receipts.at(-1)!.gasUsed;
    assert.ok(sent.gas! > used && sent.gas! < 2n * used);
  });

  test("what the mempool refuses is thrown as the mempool said it", async () => {
    await chain.block(3n * 4n);
    chain.refusal = new MempoolError("insufficient-funds", "no METIS");
    const next = { ...call, data: encodeFunctionData({ abi, functionName: "reportEpoch", args: [1n] }) };
    await assert.rejects(chain.payer().send(next), { code: "insufficient-funds" });
  });
});
