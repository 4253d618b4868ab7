// What the sequencer would rather leave out.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { publicActionsMetisL2, walletActionsMetisL1 } from "@metis/client";
import {
  DataMode,
  buildCertificate,
  emptyClaim,
  signDigest,
  signingDomain,
  stateClaimDigest,
  type Certificate,
  type DataHeader,
  type Hash,
  type StateClaim,
} from "@metis/protocol";
import { batchInboxAbi, portalAbi } from "@metis/protocol/contracts";
import { keccak256, parseEther, zeroHash } from "viem";
import { metis, seatKey, World } from "./world.ts";

suite("forced inclusion", () => {
  let world: World;
  before(async () => {
    world = await World.start();
    world.mine(50);
  });
  after(() => world?.stop());

  test("a transaction forced by a user whom the sequencer does not serve is in the block of the next anchor move", async () => {
    // This sequencer takes no transaction below a tip that nobody pays.
    const sequencer = await world.sequencer("greedy", { "mempool.minTip": parseEther("1") });
    const { wallet, reader } = world.clients(sequencer);
    const user = world.anvil.account(5);
    const to = "0x00000000000000000000000000000000000000f1";
    await assert.rejects(wallet.sendTransaction({ to, value: metis, gas: 21_000n }), /tip|underpriced/i);

    const { contracts } = world.deployment;
    const hash = await walletActionsMetisL1(contracts)(world.anvil.client).depositTransaction({
      account: user,
      to,
      value: metis,
    });
    const l1Receipt = await world.anvil.client.waitForTransactionReceipt({ hash });
    const l2 = publicActionsMetisL2(contracts)(reader);
    const included = await l2.waitForDeposit({ l1Receipt, pollingInterval: 50 });
    assert.equal(included.status, "success");
    assert.equal(await reader.getBalance({ address: to }), metis);
    const anchors = await anchorsAround(sequencer, included.blockNumber);
    assert.ok(anchors.parent < l1Receipt.blockNumber && l1Receipt.blockNumber <= anchors.own);
    await world.stopNode(sequencer);
  });

  test("a batch that skips a deposit is refused by the inbox, whoever certified it", async () => {
    await world.deposit("0x00000000000000000000000000000000000000f2", metis);
    await world.pauseMining();
    await world.mineOne();
    await world.mineOne();
    const { client } = world.anvil;
    const { batchInbox, portal } = world.deployment.contracts;
    const inbox = { address: batchInbox, abi: batchInboxAbi, functionName: "submitBatch" } as const;
    const count = await client.readContract({ address: portal, abi: portalAbi, functionName: "depositCount" });
    const submit = async (depositCount: bigint) => {
      const header = await nextHeader(depositCount);
      const claim = emptyClaim(header);
      const args = [header, claim, certify(claim), payload] as const;
      return client.simulateContract({ ...inbox, account: world.anvil.account(8), args });
    };
    await assert.rejects(submit(count - 1n), /WrongDepositCount/);
    await assert.rejects(submit(count + 1n), /WrongDepositCount/);
    await submit(count);
  });

  const payload = "0xc0ffee";

  /** A header that the inbox would take with the right number of deposits. */
  async function nextHeader(depositCount: bigint): Promise<DataHeader> {
    const { client } = world.anvil;
    const { batchInbox, portal } = world.deployment.contracts;
    const inbox = { address: batchInbox, abi: batchInboxAbi } as const;
    const queue = { address: portal, abi: portalAbi } as const;
    const latest = await client.getBlock({ blockTag: "latest" });
    const [head, epoch, generation, anchor, known] = await Promise.all([
      client.readContract({ ...inbox, functionName: "head" }),
      client.readContract({ ...inbox, functionName: "nextEpoch" }),
      client.readContract({ ...inbox, functionName: "generation" }),
      // A call runs in the latest block, which knows the hashes before its own.
      client.getBlock({ blockNumber: latest.number - 1n }),
      client.readContract({ ...queue, functionName: "depositCount" }),
    ]);
    const depositQueueHash: Hash =
      depositCount <= known
        ? await client.readContract({ ...queue, functionName: "queueHashAt", args: [depositCount] })
        : zeroHash;
    return {
      version: 1,
      batchIndex: head.batchIndex + 1n,
      parentHash: head.batchHash,
      generation,
      epoch,
      lastTimestamp: anchor.timestamp,
      depositCount,
      depositQueueHash,
      anchorNumber: anchor.number,
      anchorHash: anchor.hash,
      dataMode: DataMode.calldata,
      payloadHash: keccak256(payload),
      payloadSize: 3,
      dataCommitment: zeroHash,
      extraHash: zeroHash,
    };
  }

  /** The seat's own signature: even that does not help. */
  function certify(claim: StateClaim): Certificate {
    const { genesisConfig, sequencers } = world.deployment;
    const digest = stateClaimDigest(signingDomain(genesisConfig), claim);
    return buildCertificate(digest, sequencers, [signDigest(digest, seatKey)]);
  }
});

async function anchorsAround(
  sequencer: Awaited<ReturnType<World["sequencer"]>>,
  number: bigint,
): Promise<{ readonly parent: bigint; readonly own: bigint }> {
  const { reader } = sequencer.base.mvm;
  const [parent, own] = await Promise.all([reader.block(number - 1n), reader.block(number)]);
  return { parent: parent?.inputs?.anchorNumber ?? 0n, own: own?.inputs?.anchorNumber ?? 0n };
}
