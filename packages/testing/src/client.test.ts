import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import {
  getDeposits,
  getL2TransactionHash,
  publicActionsMetisL1,
  walletActionsMetisL1,
  type PublicActionsMetisL1,
  type WalletActionsMetisL1,
} from "@metis/client";
import { deployL1, type L1Deployment } from "@metis/node";
import { depositSourceHash, profiles } from "@metis/protocol";
import { erc20Abi, parseEther, zeroHash, type Account, type Address, type Hash } from "viem";
import { startAnvil, type Anvil } from "./anvil.ts";
import { deployToken } from "./fixtures.ts";
import { smallDeployment } from "./deployments.ts";

suite("SDK against the L1 contracts", () => {
  let anvil: Anvil;
  let deployment: L1Deployment;
  let holder: Account;
  let l1: WalletActionsMetisL1 & PublicActionsMetisL1;
  let portal: Address;

  const receiptOf = async (hash: Hash) => anvil.client.waitForTransactionReceipt({ hash });
  const escrow = async (token: Address, address: Address): Promise<bigint> =>
    anvil.client.readContract({ address: token, abi: erc20Abi, functionName: "balanceOf", args: [address] });

  before(async () => {
    anvil = await startAnvil();
    holder = anvil.account(0);
    deployment = await deployL1(smallDeployment(anvil));
    portal = deployment.contracts.portal;
    l1 = {
      ...walletActionsMetisL1(deployment.contracts)(anvil.client),
      ...publicActionsMetisL1(deployment.contracts)(anvil.client),
    };
  });
  after(async () => anvil?.stop());

  test("METIS is deposited in one transaction with a permit, and its L2 transaction is known from the log", async () => {
    const amount = parseEther("3");
    const held = await escrow(deployment.contracts.metisToken, portal);
    const { logs } = await receiptOf(await l1.depositMetis({ account: holder, amount }));
    assert.equal((await escrow(deployment.contracts.metisToken, portal)) - held, amount);
    const [deposit] = getDeposits(logs, portal);
    assert.ok(deposit);
    const { transaction, index } = deposit;
    assert.deepEqual(
      { ...transaction, from: transaction.from.toLowerCase(), to: transaction.to?.toLowerCase() },
      {
        sourceHash: depositSourceHash(index),
        from: holder.address.toLowerCase(),
        to: holder.address.toLowerCase(),
        mint: amount,
        value: amount,
        gas: 21_000n,
        data: "0x",
      },
    );
  });

  test("METIS is deposited with an approval, to another recipient", async () => {
    const to = anvil.account(5).address;
    const hash = await l1.depositMetis({ account: holder, amount: 5n, to, allowance: "approve" });
    const [deposit] = getDeposits((await receiptOf(hash)).logs, portal);
    assert.equal(deposit?.transaction.to, to);
  });

  test("ETH and an ERC-20 go into the bridge, each as a deposit of the messenger", async () => {
    const bridge = deployment.contracts.l1StandardBridge;
    const eth = await receiptOf(await l1.depositEth({ account: holder, amount: 7n }));
    assert.equal(await anvil.client.getBalance({ address: bridge }), 7n);
    const l1Token = await deployToken(anvil.client, holder, 100n);
    const l2Token = anvil.account(8).address;
    const erc20 = await receiptOf(await l1.depositErc20({ account: holder, l1Token, l2Token, amount: 40n }));
    assert.equal(await escrow(l1Token, bridge), 40n);
    assert.notEqual(getL2TransactionHash(eth.logs, portal), getL2TransactionHash(erc20.logs, portal));
  });

  test("a refusal carries the name of the contract's error", async () => {
    await assert.rejects(l1.depositEth({ account: holder, amount: 0n }), {
      code: "contract-refused",
      message: /ZeroAmount/,
    });
    await assert.rejects(l1.settle({ account: holder, batchIndex: 1n }), { message: /NothingToSettle/ });
    const poor = anvil.account(6);
    await assert.rejects(l1.depositMetis({ account: poor, amount: 1n }), { message: /ERC20InsufficientBalance/ });
    await assert.rejects(l1.depositMetis({ amount: 1n }), { code: "no-account" });
  });

  test("a transaction without a deposit is told apart", () => {
    assert.throws(() => getL2TransactionHash([], portal), { code: "no-deposit" });
  });

  test("a withdrawal in no batch waits for one, and cannot be proven", async () => {
    const withdrawal = { withdrawalHash: zeroHash, l2BlockNumber: 1n };
    assert.deepEqual(await l1.getWithdrawalStatus({ withdrawal }), { status: "waiting-for-batch" });
    assert.deepEqual(await l1.getTimeToFinalize({ withdrawal }), {
      status: "waiting-for-batch",
      seconds: profiles.devnet.l1.challengeWindow,
      exact: false,
    });
    await assert.rejects(l1.buildWithdrawalProof({ withdrawal, l2Client: anvil.client }), {
      code: "withdrawal-not-settled",
      remedy: "retry",
    });
  });
});
