import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { delegateStake, getRewards, withdrawRewards } from "@metis/client";
import type { MetisNode } from "@metis/node";
import { profiles } from "@metis/protocol";
import { delegationAbi, emissionReserveAbi, lockingPoolAbi, metisTokenAbi } from "@metis/protocol/contracts";
import { createWalletClient, http, parseEventLogs } from "viem";
import type { Address, Log } from "viem";
import { metis, until, World } from "./world.ts";

const year = 365n * 24n * 3600n;
const epochLength = 40n;

suite("rewards of a pool of four seats", () => {
  let world: World;
  const nodes: MetisNode[] = [];
  before(async () => {
    world = await World.start({
      seats: 4,
      chain: { epochLength: Number(epochLength), maxAnchorStep: 32, heartbeat: 4 },
      windows: profiles.fast.l1,
      emissionReserve: 1_000_000n * metis,
    });
    world.mine(120);
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
  });
  after(() => world.stop());

  const contracts = () => ({ systemConfig: world.deployment.contracts.systemConfig });
  const delegator = () => world.anvil.account(8);
  const wallet = () =>
    createWalletClient({
      account: delegator(),
      chain: world.anvil.client.chain,
      transport: http(world.anvil.url),
      pollingInterval: 30,
      cacheTime: 0,
    });
  const balanceOf = (address: Address) =>
    world.anvil.client.readContract({
      address: world.deployment.contracts.metisToken,
      abi: metisTokenAbi,
      functionName: "balanceOf",
      args: [address],
    });
  const logsOf = (address: Address): Promise<Log[]> =>
    world.anvil.client.getLogs({ address, fromBlock: 0n, toBlock: "latest" });

  test("an account with 100 METIS delegates it to a seat", async () => {
    const { client } = world.anvil;
    const hash = await client.writeContract({
      address: world.deployment.contracts.metisToken,
      abi: metisTokenAbi,
      functionName: "transfer",
      args: [delegator().address, 100n * metis],
      account: world.anvil.account(0),
    });
    await client.waitForTransactionReceipt({ hash });
    const delegated = await delegateStake(wallet(), { contracts: contracts(), seatId: 1n, amount: 100n * metis });
    assert.equal((await client.waitForTransactionReceipt({ hash: delegated })).status, "success");
  });

  /** What each member is owed for an epoch by docs/spec/staking.md, "Rewards", in the order of the set; METIS wei. */
  const owed = async (
    epoch: bigint,
    reward: bigint,
    { blocks, words }: { blocks: bigint; words: readonly bigint[] },
  ) => {
    const { members, totalWeight } = await nodes[0]!.base.epochSets.of(epoch);
    return members.map(({ signer, weight }, index) => {
      const count = ((words[Math.floor(index / 4)] ?? 0n) >> BigInt(64 * (index % 4))) & (2n ** 64n - 1n);
      const [proposed, attested] = [count & 0xffffffffn, count >> 32n];
      assert.ok(attested <= blocks && proposed <= blocks);
      const points = 5_000n * proposed * totalWeight + 5_000n * attested * weight;
      return { signer, amount: attested * 2n < blocks ? 0n : (reward * points) / (10_000n * blocks * totalWeight) };
    });
  };
  const seatOf = (signer: Address): Promise<bigint> =>
    world.anvil.client.readContract({
      address: world.deployment.contracts.lockingPool,
      abi: lockingPoolAbi,
      functionName: "seqSigners",
      args: [signer],
    });

  test("nodes report epochs, prove them to L1 by settled claims, and the reserve pays the formula to the wei", async () => {
    const { emissionReserve, delegation } = world.deployment.contracts;
    const paid = await until("two epochs are paid", async () => {
      const logs = await logsOf(emissionReserve);
      const found = parseEventLogs({ abi: emissionReserveAbi, eventName: "EpochDistributed", logs });
      return found.length >= 2 && found.slice(0, 2);
    });
    const [logs, credits] = [await logsOf(emissionReserve), await logsOf(delegation)];
    const received = parseEventLogs({ abi: emissionReserveAbi, eventName: "AttendanceReceived", logs });
    const credited = parseEventLogs({ abi: delegationAbi, eventName: "RewardCredited", logs: credits });
    for (const { args } of paid) {
      const { epoch, reward } = args;
      const { totalWeight } = await nodes[0]!.base.epochSets.of(epoch);
      assert.equal(reward, (totalWeight * 2_000n * epochLength) / (10_000n * year));
      const members = await owed(epoch, reward, received.find((one) => one.args.epoch === epoch)!.args);
      for (const { signer, amount } of members) {
        const seqId = await seatOf(signer);
        const credit = credited.find((one) => one.args.epoch === epoch && one.args.seqId === seqId)?.args;
        assert.equal((credit?.toOwner ?? 0n) + (credit?.toDelegators ?? 0n), amount);
      }
      const sum = members.reduce((total, { amount }) => total + amount, 0n);
      assert.equal(args.paid, sum);
      assert.ok(sum > 0n, "who was there is paid");
    }
  });

  test("the delegator withdraws what it earned, on L1 and by the bridge to L2", async () => {
    const { client } = world.anvil;
    const account = delegator().address;
    const rewards = async () => (await getRewards(client, { contracts: contracts(), account })).amount;
    const earned = await rewards();
    assert.ok(earned > 0n);
    const hash = await withdrawRewards(wallet(), { contracts: contracts(), seatIds: [1n] });
    assert.equal((await client.waitForTransactionReceipt({ hash })).status, "success");
    assert.ok((await balanceOf(account)) >= earned);
    const more = await until("another epoch is paid", async () => (await rewards()) || undefined);
    const to = world.anvil.account(9).address;
    const bridged = await withdrawRewards(wallet(), { contracts: contracts(), seatIds: [1n], toL2: to });
    assert.equal((await client.waitForTransactionReceipt({ hash: bridged })).status, "success");
    const { reader } = world.clients(nodes[0]!);
    const arrived = await until(
      "the rewards arrive on L2",
      async () => (await reader.getBalance({ address: to })) || undefined,
    );
    assert.ok(arrived >= more);
  });
});
