import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { delegateStake, getInclusionProof, reportReceipts } from "@metis/client";
import type { UserReceipt } from "@metis/client";
import { MeshChannel } from "@metis/committee";
import { encodeReceiptMessage } from "@metis/node";
import type { MetisNode } from "@metis/node";
import { receiptDigest, signDigest, signingDomain } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { delegationAbi, lockingPoolAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { createRpcClient } from "@metis/runtime";
import { createWalletClient, http, keccak256, zeroAddress } from "viem";
import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { metis, seatKeyOf, until, World } from "./world.ts";

const cheat = privateKeyToAccount(seatKeyOf(3)).address.toLowerCase() as Address;
const cheatSeat = 4n;
const brokenOrder = 2;

suite("a leader that puts transactions into its blocks against its receipts", () => {
  let world: World;
  const nodes: MetisNode[] = [];
  let nonce = 0;
  let broken: readonly UserReceipt[] = [];
  before(async () => {
    const chain = { epochLength: 40, maxAnchorStep: 32, heartbeat: 4 };
    world = await World.start({ seats: 4, chain });
    world.mine(120);
    for (const index of [0, 1, 2, 3]) nodes.push(await world.seat(index));
    const { anvil } = world;
    const client = createWalletClient({ account: anvil.account(0), transport: http(anvil.url) });
    const contracts = world.deployment.contracts;
    const hash = await delegateStake(client, { contracts, seatId: cheatSeat, amount: 10_000n * metis });
    const { status } = await anvil.client.waitForTransactionReceipt({ hash });
    assert.equal(status, "success");
  });
  after(() => world?.stop());

  const stakeOfCheat = () =>
    world.anvil.client.readContract({
      address: world.deployment.contracts.lockingPool,
      abi: lockingPoolAbi,
      functionName: "sequencers",
      args: [cheatSeat],
    });

  async function signed(): Promise<Hex> {
    const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n, gas: 21_000n, type: "eip1559" as const };
    const request = { to: zeroAddress, value: 1n, nonce: nonce++, chainId: 901_088, ...fees };
    return world.anvil.account(5).signTransaction(request);
  }

  /** The cheat promises what its node, which is honest, will not do: the second of the two before the first. */
  function promise(first: Hash, second: Hash): readonly UserReceipt[] {
    const domain = signingDomain(world.deployment.genesisConfig);
    const { mesh, base } = nodes[3]!;
    const firstBlock = base.mvm.head().number + 1n;
    const receipts = [second, first].map((transactionHash, place) => {
      const sequence = 1_000_000n + BigInt(nonce + place);
      const receipt = { generation: 0, transactionHash, sequence, firstBlock, lastBlock: firstBlock + 255n };
      return { receipt, signature: signDigest(receiptDigest(domain, receipt), seatKeyOf(3)) };
    });
    mesh!.channels.channel(MeshChannel.receipts).broadcast(encodeReceiptMessage({ kind: "given", receipts }));
    return receipts;
  }

  async function proposerOf(hash: Hash): Promise<Address> {
    const { reader } = nodes[0]!.base.mvm;
    const { block } = await until("a transaction is in a block", () => reader.transaction(hash));
    return (await reader.block(block.number))!.inputs!.proposer;
  }

  test("is found out by the other members, and pays with all who back it", async () => {
    const rpc = createRpcClient({ url: nodes[3]!.rpcUrl });
    await until("the cheat leads for two transactions", async () => {
      const pair = [await signed(), await signed()] as const;
      const [first, second] = [keccak256(pair[0]), keccak256(pair[1])];
      broken = promise(first, second);
      for (const raw of pair) await rpc.request("eth_sendRawTransaction", [raw]);
      return (await proposerOf(first)) === cheat && (await proposerOf(second)) === cheat;
    });
    const seat = await until("the seat is slashed", async () => {
      const stake = await stakeOfCheat();
      return stake.amount < 20_000n * metis ? stake : undefined;
    });
    assert.equal(seat.amount, 19_800n * metis);
    assert.equal(seat.delegated, 9_900n * metis);
    const { client } = world.anvil;
    const { delegation, slashingManager } = world.deployment.contracts;
    const worth = await client.readContract({
      address: delegation,
      abi: delegationAbi,
      functionName: "delegationOf",
      args: [cheatSeat, world.anvil.account(0).address],
    });
    assert.equal(worth, 9_900n * metis);
    const manager = { address: slashingManager, abi: slashingManagerAbi } as const;
    const events = await client.getContractEvents({ ...manager, eventName: "SeatSlashed", fromBlock: 0n });
    assert.deepEqual(
      events.map(({ args }) => [args.seqId, args.offence, args.reward]),
      [[cheatSeat, brokenOrder, 60n * metis]],
    );
    const reporter = events[0]!.args.reporter!;
    const honest = world.deployment.sequencers.map(({ signer }) => signer).filter((signer) => signer !== cheat);
    assert.ok(honest.includes(reporter.toLowerCase() as Address));
    const credit = await client.readContract({ ...manager, functionName: "credits", args: [reporter] });
    assert.equal(credit, 60n * metis);
  });

  test("could have been reported by a user, from what any node shows", async () => {
    const { reader } = world.clients(nodes[1]!);
    const { anvil, deployment } = world;
    const prove = async ({ receipt: { transactionHash: hash } }: UserReceipt) =>
      (await getInclusionProof(reader, { hash }))!;
    const [earlier, later] = broken as readonly [UserReceipt, UserReceipt];
    const client = createWalletClient({ account: anvil.account(0), transport: http(anvil.url) });
    const receipts = [later, earlier] as const;
    const inclusions = [await prove(later), await prove(earlier)] as const;
    // Whether it counts already is the last thing that L1 asks.
    await assert.rejects(
      reportReceipts(client, { contracts: deployment.contracts, receipts, inclusions }),
      /EvidenceUsed/,
    );
  });

  test("weighs less from the next set on", async () => {
    const { chain, heads } = nodes[0]!.base;
    await until("a set with the lower weight signs", () => {
      const { members } = chain.certificate(heads.heads().signed.number)?.certificate ?? {};
      return members?.some(({ signer, weight }) => signer === cheat && weight === 29_700n * metis);
    });
  });
});
