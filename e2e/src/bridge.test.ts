// The bridge both ways, for METIS, ETH and an ERC-20, on a whole chain.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import {
  getWithdrawal,
  publicActionsMetisL1,
  publicActionsMetisL2,
  walletActionsMetisL1,
  walletActionsMetisL2,
  type InitiateWithdrawalParameters,
} from "@metis/client";
import { predeploys, profiles } from "@metis/protocol";
import { deployToken } from "@metis/testing";
import { erc20Abi, parseEther, type Address, type Hash, type HDAccount } from "viem";
import { until, World, type L2Clients } from "./world.ts";

const challengeWindow = 30;
const { upgradeTimelock } = profiles.devnet.l1;

suite("the standard bridge and the portal", () => {
  let world: World;
  let l2: L2Clients;
  /** Holds METIS on both layers, and ETH on L1. */
  let user: HDAccount;
  let sdk: ReturnType<typeof bind>;

  const bind = (running: World, clients: L2Clients) => {
    const { contracts } = running.deployment;
    const { client } = running.anvil;
    return {
      l1Read: publicActionsMetisL1(contracts)(client),
      l1Write: walletActionsMetisL1(contracts)(client),
      l2Read: publicActionsMetisL2(contracts)(clients.reader),
      l2Write: walletActionsMetisL2()(clients.wallet),
    };
  };
  const onL1 = async (hash: Hash) => {
    const receipt = await world.anvil.client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, "success");
    return receipt;
  };
  const tokenBalance = (layer: "l1" | "l2", address: Address, holder: Address): Promise<bigint> =>
    (layer === "l1" ? world.anvil.client : l2.reader).readContract({
      address,
      abi: erc20Abi,
      functionName: "balanceOf",
      args: [holder],
    });
  const arrives = async (l1Hash: Hash): Promise<void> => {
    const receipt = await sdk.l2Read.waitForDeposit({ l1Receipt: await onL1(l1Hash), pollingInterval: 50 });
    assert.equal(receipt.status, "success");
  };

  /** From the L2 transaction to the money on L1, through every state; then tries to be paid again. */
  const withdraw = async (parameters: InitiateWithdrawalParameters): Promise<void> => {
    const hash = await sdk.l2Write.initiateWithdrawal(parameters);
    const receipt = await l2.reader.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, "success");
    const withdrawal = getWithdrawal(receipt);
    const common = { withdrawal, l2Client: l2.reader, pollingInterval: 50 };

    const claimed = await sdk.l1Read.waitForWithdrawalStatus({ ...common, statuses: ["in-challenge-window"] });
    assert.ok("secondsLeft" in claimed && claimed.secondsLeft <= challengeWindow);
    await assert.rejects(sdk.l1Read.buildWithdrawalProof(common), { code: "withdrawal-not-settled" });

    await world.increaseTime(challengeWindow);
    // The node's proposer settles what is due.
    const statuses = ["ready-to-finalize"] as const;
    const seen: string[] = [];
    await sdk.l1Read.waitForWithdrawalStatus({ ...common, statuses, onStatus: ({ status }) => seen.push(status) });
    assert.ok(seen.every((status) => ["in-challenge-window", "ready-to-settle", ...statuses].includes(status)));

    const proof = await sdk.l1Read.buildWithdrawalProof(common);
    await onL1(await sdk.l1Write.finalizeWithdrawal({ account: world.anvil.account(8), withdrawal, proof }));
    assert.deepEqual(await sdk.l1Read.getWithdrawalStatus(common), { status: "finalized" });
    const again = sdk.l1Write.finalizeWithdrawal({ account: world.anvil.account(8), withdrawal, proof });
    await assert.rejects(again, { code: "contract-refused", message: /AlreadyFinalized/ });
  };

  before(async () => {
    world = await World.start({
      windows: { challengeWindow, daChallengeWindow: 5, daResolveWindow: 5, upgradeTimelock },
    });
    world.mine(50);
    user = world.anvil.account(5);
    l2 = world.clients(await world.sequencer());
    sdk = bind(world, l2);
    await world.anvil.client.writeContract({
      account: world.anvil.account(0),
      address: world.deployment.contracts.metisToken,
      abi: erc20Abi,
      functionName: "transfer",
      args: [user.address, parseEther("100")],
    });
  });
  after(() => world?.stop());

  test("METIS deposited on L1 is the native coin on L2; withdrawn, it is paid once, after the window", async () => {
    const to = "0x00000000000000000000000000000000000000a1";
    await arrives(await sdk.l1Write.depositMetis({ account: user, to, amount: 12n }));
    assert.equal(await l2.reader.getBalance({ address: to }), 12n);

    const { metisToken } = world.deployment.contracts;
    await withdraw({ asset: "metis", to, amount: 5n });
    assert.equal(await tokenBalance("l1", metisToken, to), 5n);
  });

  test("ETH deposited on L1 is an ERC-20 on L2; withdrawn, it is paid once, after the window", async () => {
    await arrives(await sdk.l1Write.depositEth({ account: user, amount: 1_000n }));
    assert.equal(await tokenBalance("l2", predeploys.metisEth, user.address), 1_000n);

    const to = "0x00000000000000000000000000000000000000a2";
    await withdraw({ asset: "eth", to, amount: 400n });
    assert.equal(await world.anvil.client.getBalance({ address: to }), 400n);
    assert.equal(await tokenBalance("l2", predeploys.metisEth, user.address), 600n);
  });

  test("an ERC-20 deposited on L1 is its bridged token on L2; withdrawn, it is paid once, after the window", async () => {
    const l1Token = await deployToken(world.anvil.client, user, 1_000n);
    const l2Token = await sdk.l2Write.createBridgedToken({ l1Token, name: "Gold", symbol: "GLD", decimals: 18 });
    await arrives(await sdk.l1Write.depositErc20({ account: user, l1Token, l2Token, amount: 300n }));
    assert.equal(await tokenBalance("l2", l2Token, user.address), 300n);

    const to = "0x00000000000000000000000000000000000000a3";
    await withdraw({ asset: "erc20", l1Token, l2Token, to, amount: 120n });
    assert.equal(await tokenBalance("l1", l1Token, to), 120n);
    assert.equal(await tokenBalance("l2", l2Token, user.address), 180n);
  });

  test("the L1 fee that the SDK estimates is what a transfer pays", async () => {
    const to = "0x00000000000000000000000000000000000000a4";
    const request = { to, value: 1n, gas: 21_000n, maxFeePerGas: 2_000_000_000n, maxPriorityFeePerGas: 1n } as const;
    const estimate = await sdk.l2Read.estimateL1Fee(request);
    const hash = await l2.wallet.sendTransaction(request);
    const receipt = (await l2.reader.waitForTransactionReceipt({ hash })) as unknown as { l1Fee?: string };
    const paid = BigInt(receipt.l1Fee ?? 0);
    assert.ok(paid > 0n);
    assert.ok(estimate * 2n > paid && paid * 2n > estimate, `estimated ${estimate}, paid ${paid}`);
  });

  test("the node says how its heads stand", async () => {
    const status = await until("a safe head", async () => {
      const now = await sdk.l2Read.getSyncStatus();
      return now.finalized.number > 0n && now;
    });
    assert.ok(status.safe.number >= status.finalized.number && status.signed.number >= status.safe.number);
    assert.deepEqual(status.signing, { may: true });
  });
});
