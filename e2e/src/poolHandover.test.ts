// Two of four seats are lost for ever: the other two go on by rule, on what was signed, and money that was on its way arrives.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { getWithdrawal, publicActionsMetisL1, walletActionsMetisL1, walletActionsMetisL2 } from "@metis/client";
import type { LoggedWithdrawal } from "@metis/client";
import { batchInboxAbi, emergencyHandoverAbi, lockingPoolAbi } from "@metis/protocol/contracts";
import { erc20Abi } from "viem";
import type { Hex } from "viem";
import { ProcessPool, signerOf } from "./poolProcesses.ts";
import { until } from "./world.ts";

const windows = {
  leakStart: 24,
  silentEjection: 54,
  pinWindow: 10,
  challengeWindow: 30,
  daChallengeWindow: 5,
  daResolveWindow: 5,
};
const payee = "0x00000000000000000000000000000000000000a7";

suite("a pool of four processes that loses two of them for ever", () => {
  let pool: ProcessPool;
  let withdrawal: LoggedWithdrawal;
  /** What the two that stay had signed when they were left alone. */
  const last = { number: 0n, hash: "" };

  before(async () => {
    pool = await ProcessPool.start({ windows, node: { "pool.handover": true } });
  });
  after(() => pool?.stop());

  const contracts = () => pool.world.deployment.contracts;
  const onL1 = () => pool.world.anvil.client;
  const clientsOf = (index: number) => pool.world.clients({ rpcUrl: pool.at(index).url });
  const generation = () =>
    onL1().readContract({ address: contracts().batchInbox, abi: batchInboxAbi, functionName: "generation" });

  test("a withdrawal is asked for, and the pool signs it", async () => {
    const { wallet, reader } = clientsOf(0);
    const hash = await walletActionsMetisL2()(wallet).initiateWithdrawal({ asset: "metis", to: payee, amount: 7n });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, "success");
    withdrawal = getWithdrawal(receipt);
    for (const index of [0, 1]) await pool.signed(index, receipt.blockNumber);
  });

  test("the two that stay halt, and tell L1 that they are there", async () => {
    const { timestamp: lost } = await onL1().getBlock();
    await clientsOf(0).wallet.sendTransaction({ to: payee, value: 1n });
    await until("there is a signed block that L1 does not have", async () => {
      const { signed, safe } = await pool.heads(0);
      return signed > safe;
    });
    await pool.kill(2);
    await pool.kill(3);
    for (const index of [0, 1])
      await until(`seat ${index} says that the pool halts`, async () => (await pool.status(index)).halted !== null);
    last.number = (await pool.heads(await pool.foremost())).signed;
    for (const index of [0, 1])
      await until(`seat ${index} was seen on L1`, async () => {
        const rescue = { address: contracts().emergencyHandover, abi: emergencyHandoverAbi } as const;
        return (await onL1().readContract({ ...rescue, functionName: "lastSeen", args: [signerOf(index)] })) > lost;
      });
    last.hash = (await pool.blockHash(await pool.foremost(), last.number))!;
  });

  test("the weight of the silent decays, and the two take over: the next generation signs on the same blocks", async () => {
    await until("the generation rises", async () => (await generation()) === 1);
    const rescue = { address: contracts().emergencyHandover, abi: emergencyHandoverAbi } as const;
    const { pin, batchCount } = await onL1().readContract({ ...rescue, functionName: "handoverAt", args: [0n] });
    const posted = await pool
      .at(0)
      .rpc.request<{ readonly lastBlock: Hex }>("rollup_batch", [`0x${(batchCount - 1n).toString(16)}`]);
    // A batch that was certified before may have landed meanwhile: then there was nothing to pin.
    if (BigInt(posted.lastBlock) < last.number) assert.ok(pin.number >= last.number, `block ${pin.number} is pinned`);
    for (const index of [0, 1]) {
      await pool.signed(index, last.number + 3n);
      assert.equal(await pool.blockHash(index, last.number), last.hash, "what was signed stays");
      assert.equal((await pool.status(index)).halted, null);
    }
  });

  test("the silent are jailed, and lose a hundredth", async () => {
    for (const index of [2, 3]) {
      const seat = { address: contracts().lockingPool, abi: lockingPoolAbi } as const;
      const seqId = await onL1().readContract({ ...seat, functionName: "seqSigners", args: [signerOf(index)] });
      const read = () => onL1().readContract({ ...seat, functionName: "sequencers", args: [seqId] });
      assert.notEqual((await read()).jailedUntil, 0n);
      await until("it lost a hundredth", async () => (await read()).amount <= 19_800n * 10n ** 18n);
    }
  });

  test("what was signed and what comes after get to L1, and an empty disk derives the same", async () => {
    await until("batches of the new generation are on L1", async () => (await pool.heads(0)).safe > last.number + 1n);
    const replica = await pool.world.node("replica", { role: "replica" });
    const { safe } = await pool.heads(0);
    await until("the replica has derived it all", () => replica.base.heads.heads().safe.number >= safe);
    assert.equal(replica.base.status.generation, 1);
    assert.equal((await replica.base.mvm.reader.block(last.number))?.hash, last.hash);
    assert.equal((await replica.base.mvm.reader.block(safe))?.hash, await pool.blockHash(1, safe));
  });

  test("a user's transaction is included, and the withdrawal of before is paid", async () => {
    const { wallet, reader } = clientsOf(1);
    const hash = await wallet.sendTransaction({ to: payee, value: 1n });
    const found = () => reader.getTransactionReceipt({ hash }).catch(() => undefined);
    assert.equal((await until("it is included", found)).status, "success");
    const l1 = publicActionsMetisL1(contracts())(onL1());
    const common = { withdrawal, l2Client: reader, pollingInterval: 200 };
    await l1.waitForWithdrawalStatus({ ...common, statuses: ["ready-to-finalize"] });
    const proof = await l1.buildWithdrawalProof(common);
    const account = pool.world.anvil.account(8);
    await walletActionsMetisL1(contracts())(onL1()).finalizeWithdrawal({ account, withdrawal, proof });
    const token = { address: contracts().metisToken, abi: erc20Abi } as const;
    await until(
      "the money is there",
      async () => (await onL1().readContract({ ...token, functionName: "balanceOf", args: [payee] })) === 7n,
    );
  });
});
