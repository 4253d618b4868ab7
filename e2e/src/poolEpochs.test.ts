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
  const nodes: MetisNode[] = [];
  before(async () => {
    world = await World.start({ seats: 4, chain: { epochLength: 40, maxAnchorStep: 32, heartbeat: 4 } });
    world.mine(120);
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
  });
  after(() => world.stop());

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
    const members = certificate?.members.map((member) => member.signer) ?? [];
    const signers = members.filter((_, index) => ((certificate!.bitmap >> BigInt(index)) & 1n) === 1n);
    return { number: attestation?.number ?? 0n, members, signers };
  };
  const goesOn = async (running: readonly MetisNode[]): Promise<void> => {
    const passed = running.map((node) => last(node).number);
    for (const [index, node] of running.entries())
      await until("the chain goes on", () => last(node).number > passed[index]! + 2n);
  };

  test("a fifth seat joins at an epoch and signs", async () => {
    const { client } = world.anvil;
    await client.setBalance({ address: account(4).address, value: parseEther("100") });
    await client.writeContract({
      address: world.deployment.contracts.metisToken,
      abi: metisTokenAbi,
      functionName: "transfer",
      args: [account(4).address, 50_000n * metis],
      account: world.anvil.account(0),
    });
    const given = { contracts: contracts(), amount: 30_000n * metis, signer: await proof(4, 4) };
    await until("the stake is locked", () => lockStake(wallet(4), given).catch(() => undefined));
    nodes.push(await world.seat(4));
    for (const node of nodes)
      await until(
        "the fifth seat signs",
        () => last(node).members.length === 5 && last(node).signers.includes(signer(4)),
      );
    await goesOn(nodes);
  });

  test("a seat changes its key, and the pool signs with the new one", async () => {
    const given = { contracts: contracts(), seatId: 1n, signer: await proof(10, 0) };
    await until("the key is changed", () => updateSigner(wallet(0), given).catch(() => undefined));
    nodes.push(await world.seat(10));
    for (const node of nodes) await until("the new key signs", () => last(node).signers.includes(signer(10)));
    assert.ok(!last(nodes[1]!).members.includes(signer(0)));
    await goesOn(nodes);
  });

  test("a seat leaves at an epoch, and the others go on without it", async () => {
    const given = { contracts: contracts(), seatId: 2n, amount: 20_000n * metis };
    await until("the stake is in the exit queue", () => unlockStake(wallet(1), given).catch(() => undefined));
    for (const node of nodes) await until("the set is without it", () => !last(node).members.includes(signer(1)));
    await goesOn(nodes);
  });
});
