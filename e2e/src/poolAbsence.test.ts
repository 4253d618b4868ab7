import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { ClientError, delegateStake, getSlashes, unjail } from "@metis/client";
import type { MetisNode } from "@metis/node";
import { lockingPoolAbi } from "@metis/protocol/contracts";
import { createWalletClient, http, parseEther } from "viem";
import type { Account, Address, Hash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { metis, seatKeyOf, until, World } from "./world.ts";

const silent = privateKeyToAccount(seatKeyOf(3));
const silentSigner = silent.address.toLowerCase() as Address;
const seatId = 4n;

/** What is left of `amount` after `count` slashes of a thousandth, each rounded down. */
function afterAbsences(amount: bigint, count: number): bigint {
  let left = amount;
  for (let i = 0; i < count; i++) left -= left / 1_000n;
  return left;
}

suite("a member that is away for epochs", () => {
  let world: World;
  const nodes: MetisNode[] = [];
  const walletOf = (account: Account) => createWalletClient({ account, transport: http(world.anvil.url) });
  const onL1 = async (hash: Hash): Promise<void> => {
    assert.equal((await world.anvil.client.waitForTransactionReceipt({ hash })).status, "success");
  };
  before(async () => {
    world = await World.start({ seats: 4, chain: { epochLength: 40, maxAnchorStep: 32, heartbeat: 4 } });
    world.mine(120);
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
    const { contracts } = world.deployment;
    await onL1(await delegateStake(walletOf(world.anvil.account(0)), { contracts, seatId, amount: 10_000n * metis }));
    // Epochs are reported on L2 by the members themselves, who pay for it there.
    const { wallet, reader } = world.clients(nodes[0]!);
    for (const index of [0, 1, 2]) {
      const to = privateKeyToAccount(seatKeyOf(index)).address;
      const hash = await wallet.sendTransaction({ to, value: parseEther("10") });
      await until("a member can pay", () => reader.getTransactionReceipt({ hash }).catch(() => undefined));
    }
  });
  after(() => world?.stop());

  const seat = () =>
    world.anvil.client.readContract({
      address: world.deployment.contracts.lockingPool,
      abi: lockingPoolAbi,
      functionName: "sequencers",
      args: [seatId],
    });
  const membersOf = (node: MetisNode) => {
    const { chain, heads } = node.base;
    return chain.certificate(heads.heads().signed.number)?.certificate.members;
  };

  test("is reported by the others, loses a thousandth an epoch with those who back it, and its place", async () => {
    await world.stopNode(nodes[3]!);
    await until("the seat is jailed", async () => (await seat()).jailedUntil !== 0n);
    await until("a set without it signs", () => membersOf(nodes[0]!)?.every(({ signer }) => signer !== silentSigner));
    const { client } = world.anvil;
    const { contracts } = world.deployment;
    // Reports of its last epochs may still come in.
    const { slashes, amount, delegated } = await until("no slash comes in between", async () => {
      const { length } = await getSlashes(client, { contracts, seatId });
      const found = await seat();
      const all = await getSlashes(client, { contracts, seatId });
      return all.length === length ? { ...found, slashes: all } : undefined;
    });
    assert.ok(slashes.length > 0 && slashes.every(({ offence }) => offence === "absence"));
    assert.equal(amount, afterAbsences(20_000n * metis, slashes.length));
    assert.equal(delegated, afterAbsences(10_000n * metis, slashes.length));
    assert.equal(
      slashes.reduce((sum, { escrowed }) => sum + escrowed, 0n),
      ((30_000n * metis - amount - delegated) * 4n) / 5n,
    );
  });

  test("comes back when its owner asks for it, after its time", async () => {
    await world.seat(3);
    const unjailed = async (): Promise<void> => {
      try {
        await onL1(await unjail(walletOf(silent), { contracts: world.deployment.contracts, seatId }));
      } catch (error) {
        if (!(error instanceof ClientError) || error.code !== "contract-refused") throw error;
      }
    };
    await until("a set with it signs", async () => {
      // Another report of its last epochs may have come: then the owner has to ask again.
      if ((await seat()).jailedUntil !== 0n) await unjailed();
      return membersOf(nodes[0]!)?.some(({ signer }) => signer === silentSigner);
    });
  });
});
