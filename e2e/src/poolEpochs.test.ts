import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { lockStake, proveSigner, unlockStake, updateSigner } from "@metis/client";
import type { MetisNode } from "@metis/node";
import { metisTokenAbi } from "@metis/protocol/contracts";
import { createWalletClient, http, parseEther } from "viem";
import type { Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { metis, seatKeyOf, until, World } from "./world.ts";

const account = (index: number) => privateKeyToAccount(seatKeyOf(index));
const signer = (index: number): Address => account(index).address.toLowerCase() as Address;

suite("a pool whose members change while the chain runs", () => {
  let world: World;
  /** Nodes whose keys are in the set, and those whose keys were: they follow L1. */
  const members: MetisNode[] = [];
  const former: MetisNode[] = [];
  before(async () => {
    world = await World.start({ seats: 4, chain: { epochLength: 40, maxAnchorStep: 32, heartbeat: 4 } });
    world.mine(120);
    for (const index of [0, 1, 2, 3]) members.push(await world.seat(index));
  });
  after(() => world?.stop());

  const wallet = (index: number) =>
    createWalletClient({
      account: account(index),
      chain: world.anvil.client.chain,
      transport: http(world.anvil.url),
      pollingInterval: 30,
      cacheTime: 0,
    });
  const contracts = () => ({ systemConfig: world.deployment.contracts.systemConfig });
  const proof = (key: number, owner: number) =>
    proveSigner({
      signer: account(key),
      owner: account(owner).address,
      lockingPool: world.deployment.contracts.lockingPool,
      l1ChainId: world.deployment.chainConfig.l1ChainId,
    });
  /** Members and signers of the last block that `node` holds a certificate of. */
  const last = ({ base }: MetisNode) => {
    const { attestation, certificate } = base.chain.certificate(base.heads.heads().signed.number) ?? {};
    const set = certificate?.members.map((member) => member.signer) ?? [];
    const signers = set.filter((_, index) => ((certificate!.bitmap >> BigInt(index)) & 1n) === 1n);
    return { number: attestation?.number ?? 0n, members: set, signers };
  };
  /** Every member signs on, and L1 takes every former one there. */
  const goesOn = async (): Promise<void> => {
    const goal = members.map((node) => last(node).number).reduce((a, b) => (a > b ? a : b)) + 3n;
    for (const node of members) await until("the chain goes on", () => last(node).number >= goal);
    for (const node of former) await until("L1 leads on", () => node.base.heads.heads().safe.number >= goal);
  };
  const leaves = (index: number): void => void former.push(...members.splice(index, 1));
  const fund = (address: Address) => world.anvil.client.setBalance({ address, value: parseEther("100") });

  test("a fifth seat joins at an epoch and signs", async () => {
    const { client } = world.anvil;
    await fund(account(4).address);
    await client.writeContract({
      address: world.deployment.contracts.metisToken,
      abi: metisTokenAbi,
      functionName: "transfer",
      args: [account(4).address, 50_000n * metis],
      account: world.anvil.account(0),
    });
    const given = { contracts: contracts(), amount: 30_000n * metis, signer: await proof(4, 4) };
    await until("the stake is locked", () => lockStake(wallet(4), given).catch(() => undefined));
    members.push(await world.seat(4));
    for (const node of members)
      await until(
        "the fifth seat signs",
        () => last(node).members.length === 5 && last(node).signers.includes(signer(4)),
      );
    await goesOn();
  });

  test("a seat changes its key, and the pool signs with the new one", async () => {
    const given = { contracts: contracts(), seatId: 1n, signer: await proof(10, 0) };
    await until("the key is changed", () => updateSigner(wallet(0), given).catch(() => undefined));
    await fund(account(10).address);
    leaves(0);
    members.push(await world.seat(10));
    for (const node of members) await until("the new key signs", () => last(node).signers.includes(signer(10)));
    assert.ok(!last(members[0]!).members.includes(signer(0)));
    await goesOn();
  });

  test("a seat leaves at an epoch, and the others go on without it", async () => {
    const given = { contracts: contracts(), seatId: 2n, amount: 20_000n * metis };
    await until("the stake is in the exit queue", () => unlockStake(wallet(1), given).catch(() => undefined));
    leaves(0);
    for (const node of members) await until("the set is without it", () => !last(node).members.includes(signer(1)));
    await goesOn();
  });
});
