import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import {
  buildWithdrawalProof,
  ClientError,
  delegateStake,
  distributeRewards,
  finalizeWithdrawal,
  getEpochAttendance,
  getPoolRewards,
  getPostingRefunds,
  getRewards,
  reportEpoch,
  withdrawPostingRefunds,
  withdrawRewards,
} from "@metis/client";
import type { EpochAttendance } from "@metis/client";
import type { MetisNode } from "@metis/node";
import { profiles } from "@metis/protocol";
import {
  delegationAbi,
  emissionReserveAbi,
  lockingPoolAbi,
  metisTokenAbi,
  posterVaultAbi,
} from "@metis/protocol/contracts";
import { createWalletClient, http, isAddressEqual, parseEventLogs } from "viem";
import type { Address, Hex, LocalAccount, Log } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { metis, seatKeyOf, until, World } from "./world.ts";

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
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
    world.mine(120);
  });
  after(() => world?.stop());

  const contracts = () => ({ systemConfig: world.deployment.contracts.systemConfig });
  const delegator = () => world.anvil.account(8);
  const wallet = (account: LocalAccount = delegator()) =>
    createWalletClient({
      account,
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

  test("users pay for what they send", async () => {
    const { reader, wallet: user } = world.clients(nodes[0]!);
    const terms = { to: delegator().address, value: 1n, gas: 21_000n } as const;
    const hashes: Hex[] = [];
    for (let nonce = 0; nonce < 10; nonce++) hashes.push(await user.sendTransaction({ ...terms, nonce }));
    for (const hash of hashes) assert.equal((await reader.waitForTransactionReceipt({ hash })).status, "success");
  });

  /** What each member is owed for an epoch by docs/spec/staking.md, "Rewards", and fees.md, in the order of the set; METIS wei. */
  const owed = async (
    { epoch, reward, fees }: Readonly<Record<"epoch" | "reward" | "fees", bigint>>,
    { blocks, words }: { blocks: bigint; words: readonly bigint[] },
  ) => {
    const { members, totalWeight } = await nodes[0]!.base.epochSets.of(epoch);
    return members.map(({ signer, weight }, index) => {
      const count = ((words[Math.floor(index / 4)] ?? 0n) >> BigInt(64 * (index % 4))) & (2n ** 64n - 1n);
      const [proposed, attested] = [count & 0xffffffffn, count >> 32n];
      assert.ok(attested <= blocks && proposed <= blocks);
      const points = 5_000n * proposed * totalWeight + 5_000n * attested * weight;
      const partOf = (whole: bigint) =>
        attested * 2n < blocks ? 0n : (whole * points) / (10_000n * blocks * totalWeight);
      return { signer, amount: partOf(reward) + partOf(fees), fees: partOf(fees) };
    });
  };
  const seatOf = (signer: Address): Promise<bigint> =>
    world.anvil.client.readContract({
      address: world.deployment.contracts.lockingPool,
      abi: lockingPoolAbi,
      functionName: "seqSigners",
      args: [signer],
    });

  test("nodes report epochs, prove them to L1 by settled claims, and rewards and fees are paid to the wei", async () => {
    const { emissionReserve, delegation } = world.deployment.contracts;
    const paid = await until("two epochs are paid, one with fees", async () => {
      const logs = await logsOf(emissionReserve);
      const found = parseEventLogs({ abi: emissionReserveAbi, eventName: "EpochDistributed", logs });
      return found.length >= 2 && found.some(({ args }) => args.fees > 0n) && found;
    });
    const [logs, credits] = [await logsOf(emissionReserve), await logsOf(delegation)];
    const received = parseEventLogs({ abi: emissionReserveAbi, eventName: "AttendanceReceived", logs });
    const seatsPaid = parseEventLogs({ abi: emissionReserveAbi, eventName: "SeatPaid", logs });
    const credited = parseEventLogs({ abi: delegationAbi, eventName: "RewardCredited", logs: credits });
    for (const { args } of paid) {
      const { epoch, reward } = args;
      const { totalWeight } = await nodes[0]!.base.epochSets.of(epoch);
      assert.equal(reward, (totalWeight * 2_000n * epochLength) / (10_000n * year));
      const members = await owed(args, received.find((one) => one.args.epoch === epoch)!.args);
      for (const { signer, amount, fees } of members) {
        const seqId = await seatOf(signer);
        const its = (one: { readonly args: { readonly epoch: bigint; readonly seqId: bigint } }) =>
          one.args.epoch === epoch && one.args.seqId === seqId;
        const credit = credited.find(its)?.args;
        assert.equal((credit?.toOwner ?? 0n) + (credit?.toDelegators ?? 0n), amount);
        assert.equal(seatsPaid.find(its)?.args.fees ?? 0n, fees);
      }
      const sum = members.reduce((total, { amount }) => total + amount, 0n);
      assert.equal(args.paid, sum);
      assert.ok(sum > 0n, "who was there is paid");
    }
  });

  test("whoever posts batches withdraws what that cost, out of the data fees of the epoch", async () => {
    const { client } = world.anvil;
    const { posterVault } = world.deployment.contracts;
    const { args: settled } = await until("an epoch's posters are granted something", async () => {
      const logs = await logsOf(posterVault);
      const found = parseEventLogs({ abi: posterVaultAbi, eventName: "EpochRefundsSettled", logs });
      return found.find(({ args }) => args.granted > 0n);
    });
    assert.ok(settled.granted <= (settled.owed * settled.rate) / metis, "no more than was paid");
    assert.ok((await balanceOf(posterVault)) >= settled.granted);
    const logs = await logsOf(posterVault);
    const { epoch } = settled;
    const postings = parseEventLogs({ abi: posterVaultAbi, eventName: "PostingRecorded", args: { epoch }, logs });
    const costs = postings.reduce((sum, { args }) => sum + args.cost, 0n);
    assert.equal(costs, settled.owed);
    for (const { args, transactionHash } of postings) {
      const { gasUsed, effectiveGasPrice } = await client.getTransactionReceipt({ hash: transactionHash });
      assert.ok(args.cost <= gasUsed * effectiveGasPrice, "what is paid back was spent");
    }
    const { poster } = postings[0]!.args;
    const account = [0, 1, 2, 3]
      .map((index) => privateKeyToAccount(seatKeyOf(index)))
      .find(({ address }) => isAddressEqual(address, poster));
    const held = await balanceOf(poster);
    const refunds = await getPostingRefunds(client, { contracts: contracts(), account: poster });
    assert.ok(refunds.amount > 0n && refunds.epochs.includes(epoch));
    const { epochs } = refunds;
    const paid = await withdrawPostingRefunds(wallet(account), { contracts: contracts(), epochs, to: poster });
    assert.equal((await client.waitForTransactionReceipt({ hash: paid })).status, "success");
    assert.equal((await balanceOf(poster)) - held, refunds.amount);
  });

  test("a node says who was there, and what that earns", async () => {
    const { reader } = world.clients(nodes[2]!);
    const pool = await getPoolRewards(reader);
    assert.deepEqual(
      pool.members.map(({ seatId }) => Number(seatId)).toSorted((a, b) => a - b),
      [1, 2, 3, 4],
    );
    for (const { blocks, uptime, apr, slashes } of pool.members) {
      // 10 % for attesting everything, and 40 % for proposing everything with a quarter of the weight.
      assert.ok(blocks > 0n && uptime !== null && uptime >= 0 && uptime <= 100);
      assert.ok(apr !== null && apr >= 0 && apr <= 50);
      // Epochs last five seconds here: a machine that stands still for so long has been away for one.
      assert.ok(slashes.every(({ offence }) => offence === "absence"));
    }
    const uptimes = pool.members.reduce((sum, { uptime }) => sum + uptime!, 0);
    assert.ok(uptimes > 66 * 4, "no attendance is of less than two thirds");
    const seatsFees = pool.members.reduce((sum, { fees }) => sum + fees, 0n);
    assert.ok(seatsFees <= pool.fees && pool.posters.granted <= pool.posters.held);
    const l2Client = reader;
    const logs = await logsOf(world.deployment.contracts.emissionReserve);
    const { epoch } = parseEventLogs({ abi: emissionReserveAbi, eventName: "EpochDistributed", logs })[0]!.args;
    const told = await getEpochAttendance(world.anvil.client, { contracts: contracts(), epoch, l2Client });
    assert.equal(told?.status, "paid");
    assert.equal(
      await getEpochAttendance(world.anvil.client, { contracts: contracts(), epoch: 10_000n, l2Client }),
      undefined,
    );
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

suite("rewards of a pool of one seat that reports nothing by itself", () => {
  let world: World;
  let node: MetisNode;
  before(async () => {
    world = await World.start({
      chain: { epochLength: 20, maxAnchorStep: 16, heartbeat: 2 },
      windows: profiles.fast.l1,
      emissionReserve: 1_000_000n * metis,
    });
    world.mine(120);
    node = await world.sequencer("sequencer", { "rewards.report": false });
  });
  after(() => world?.stop());

  test("anybody reports an epoch, proves it and has it paid", async () => {
    const { systemConfig, portal, stateClaims, batchInbox } = world.deployment.genesisConfig;
    const contracts = { systemConfig, portal, stateClaims, batchInbox };
    const { client } = world.anvil;
    const { wallet, reader } = world.clients(node);
    const l1Wallet = createWalletClient({
      account: world.anvil.account(7),
      chain: client.chain,
      transport: http(world.anvil.url),
      pollingInterval: 30,
      cacheTime: 0,
    });
    const look = (epoch: bigint) => getEpochAttendance(client, { contracts, epoch, l2Client: reader });
    await assert.rejects(reportEpoch(wallet, { epoch: 10_000n }), { code: "contract-refused", message: /EpochOpen/ });
    const { epoch, blocks } = await until("an epoch can be reported", async () => {
      for (let next = 0n; ; next++) {
        const found = await look(next);
        if (!found || found.status === "unreported") return found;
      }
    });
    const inState = (...states: readonly EpochAttendance["status"][]) =>
      until(`the epoch is ${states.join(" or ")}`, async () => {
        const found = await look(epoch);
        return found && states.includes(found.status) && found;
      });
    const hash = await reportEpoch(wallet, { epoch });
    assert.equal((await reader.waitForTransactionReceipt({ hash })).status, "success");
    await assert.rejects(reportEpoch(wallet, { epoch }), { code: "contract-refused", message: /AlreadyReported/ });
    const proven = await until("the report is proven to L1", async () => {
      const { withdrawal } = await inState("reported");
      if (!withdrawal) return false;
      try {
        const proof = await buildWithdrawalProof(client, { contracts, withdrawal, l2Client: reader });
        return await finalizeWithdrawal(l1Wallet, { contracts, withdrawal, proof });
      } catch (error) {
        if (error instanceof ClientError && error.code === "withdrawal-not-settled") return false;
        throw error;
      }
    });
    assert.equal((await client.waitForTransactionReceipt({ hash: proven })).status, "success");
    const attendance = await inState("arrived");
    assert.equal(attendance.blocks, blocks);
    const forged = { ...attendance, words: attendance.words.map((word) => word + 1n) };
    await assert.rejects(distributeRewards(l1Wallet, { contracts, attendance: forged }), {
      code: "contract-refused",
      message: /WrongAttendance/,
    });
    const paid = await distributeRewards(l1Wallet, { contracts, attendance });
    assert.equal((await client.waitForTransactionReceipt({ hash: paid })).status, "success");
    await inState("paid");
    await assert.rejects(distributeRewards(l1Wallet, { contracts, attendance }), {
      code: "contract-refused",
      message: /AlreadyDistributed/,
    });
  });
});
