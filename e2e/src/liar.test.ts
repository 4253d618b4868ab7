import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { DerivedBatch, MetisNode } from "@metis/node";
import {
  BlockFlag,
  batchHash,
  buildCertificate,
  DataMode,
  emptyClaim,
  epochOf,
  signDigest,
  signingDomain,
  stateClaimDigest,
  zeroHash,
} from "@metis/protocol";
import type { BlockInputs, DataHeader } from "@metis/protocol";
import { batchInboxAbi, stateClaimsAbi } from "@metis/protocol/contracts";
import { encodePayload } from "@metis/rollup";
import { keccak256, stringToHex, toHex } from "viem";
import type { Hex } from "viem";
import { seatKey, until, World } from "./world.ts";

const recipient = "0x00000000000000000000000000000000000000d0";

suite("a certified batch that is bad", () => {
  let world: World;
  let node: MetisNode;
  /** Follows the sequencer's signed blocks, until L1 contradicts them. */
  let follower: MetisNode;
  before(async () => {
    world = await World.start();
    world.mine();
    node = await world.sequencer();
    follower = await world.node("follower", { "feed.urls": [node.rpcUrl] });
  });
  after(() => world?.stop());

  /** Posts what a lying quorum signs: `payload` on the last batch, its state left open. Returns the batch's index. */
  async function lie(
    payloadOn: (parent: DerivedBatch) => Promise<Hex>,
    overrides: Partial<DataHeader> = {},
  ): Promise<bigint> {
    const { chainConfig, genesisConfig, sequencers, contracts } = world.deployment;
    return until("the lie lands", async () => {
      const parent = node.base.chain.lastDerived();
      // On the genesis there is nothing to copy from: the first honest batch comes before the first lie.
      if (!parent?.lastBlock) {
        await transfer();
        return undefined;
      }
      // The lie contradicts something only if a signed block is not on L1 yet.
      if (node.base.heads.heads().signed.number <= parent.lastBlock) await transfer();
      await followed();
      const payload = await payloadOn(parent);
      const header: DataHeader = {
        ...parent.header,
        batchIndex: parent.header.batchIndex + 1n,
        parentHash: batchHash(parent.header),
        epoch: epochOf(chainConfig, parent.header.anchorNumber),
        lastTimestamp: (await node.base.mvm.reader.block(parent.lastBlock))!.inputs!.time + 1n,
        dataMode: DataMode.calldata,
        payloadHash: keccak256(payload),
        payloadSize: (payload.length - 2) / 2,
        dataCommitment: zeroHash,
        ...overrides,
      };
      const claim = emptyClaim(header);
      const digest = stateClaimDigest(signingDomain(genesisConfig), claim);
      const certificate = buildCertificate(digest, sequencers, [signDigest(digest, seatKey)]);
      const { client } = world.anvil;
      const call = { address: contracts.batchInbox, abi: batchInboxAbi, functionName: "submitBatch" } as const;
      const args = [header, claim, certificate, payload] as const;
      try {
        const hash = await client.writeContract({ ...call, args, account: world.anvil.account(8) });
        const { status } = await client.waitForTransactionReceipt({ hash });
        return status === "success" && header.batchIndex;
      } catch {
        return undefined; // The sequencer was faster: once more on what is there now.
      }
    });
  }

  /** Resolves when the follower has the sequencer's signed head. */
  async function followed(): Promise<void> {
    const { signed } = node.base.heads.heads();
    await until("the follower is in step", () => follower.base.heads.heads().signed.number >= signed.number);
    assert.equal((await follower.base.mvm.reader.block(signed.number))!.hash, signed.hash);
  }

  async function transfer(): Promise<void> {
    const { wallet, reader } = world.clients(node);
    await reader.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to: recipient, value: 1n }) });
  }

  async function agrees(name: string): Promise<void> {
    const replica = await world.node(name);
    const { safe } = node.base.heads.heads();
    await until("a new node follows", () => replica.base.heads.heads().safe.number >= safe.number);
    assert.equal((await replica.base.mvm.reader.block(safe.number))!.hash, safe.hash);
    await world.stopNode(replica);
  }

  const garbage = async (): Promise<Hex> => stringToHex("this is no payload");
  /** A block on `parent` with one transaction, whose anchor is not the header's when `anchorStep` is above zero. */
  const oneBlock =
    (anchorStep: bigint, transaction: () => Promise<Hex>) =>
    async (parent: DerivedBatch): Promise<Hex> => {
      const previous = (await node.base.mvm.reader.block(parent.lastBlock))!.inputs!;
      const inputs: BlockInputs = {
        ...previous,
        number: previous.number + 1n,
        time: previous.time + 1n,
        flags: BlockFlag.batchEnd,
        proposer: world.deployment.sequencers[0]!.signer,
        anchorNumber: previous.anchorNumber + anchorStep,
        depositStart: previous.depositEnd,
        rate: 0n,
        attendance: "0x",
        transactions: [await transaction()],
      };
      const { l2ChainId } = world.deployment.chainConfig;
      return toHex(encodePayload(l2ChainId, previous, [{ inputs, outputRoot: zeroHash }]));
    };
  const signTransfer = (nonce: number) => async (): Promise<Hex> =>
    world.anvil.account(5).signTransaction({
      chainId: 901_088,
      type: "eip1559",
      nonce,
      gas: 21_000n,
      maxFeePerGas: 10n ** 10n,
      to: recipient,
      value: 1n,
    });

  for (const [name, payload] of [
    ["garbage as payload", garbage],
    ["an anchor that is not the header's", oneBlock(1n, signTransfer(0))],
  ] as const)
    test(`${name}: deposits-only blocks everywhere, the sequencer says why it stops, and goes on after an escape`, async () => {
      await transfer();
      const index = await lie(payload);
      const divergence = await until("the node notices", () => node.base.status.divergence);
      assert.equal(divergence.batchIndex, index);
      assert.equal(divergence.kind, "batch-contradicts");
      const record = await until("the batch is derived", () => node.base.chain.derived(index));
      assert.equal(record.verdict.kind, "fallback");
      const block = await node.base.mvm.reader.block(record.lastBlock);
      assert.ok((block!.inputs!.flags & BlockFlag.fallback) !== 0);
      await agrees(`replica-${index}`);
      const other = await until("a replica that believed the signatures notices, too", () => {
        return follower.base.status.divergence;
      });
      assert.deepEqual(other, divergence);
      await until("and follows L1 alone", () => follower.base.heads.heads().safe.number >= record.lastBlock);
      assert.equal((await follower.base.mvm.reader.block(record.lastBlock))!.hash, block!.hash);
      await until("and says so", () => follower.health().detail?.includes("following L1 alone"));

      const { generation } = node.base.status;
      await world.escape();
      await until("signing goes on", () => node.base.status.state().may);
      assert.equal(node.base.status.generation, generation + 1);
      await transfer();
      await followed();
      assert.equal(follower.base.status.divergence, undefined);
      const { signed } = node.base.heads.heads();
      await until("and posting", () => node.base.heads.heads().safe.number >= signed.number);
      await agrees(`replica-after-${index}`);
    });

  test("a transaction that cannot be executed is skipped by every node, and the batch stays good", async () => {
    const index = await lie(oneBlock(0n, signTransfer(9_999)));
    const record = await until("the batch is derived", () => node.base.chain.derived(index));
    assert.equal(record.verdict.kind, "good");
    const block = (await node.base.mvm.reader.block(record.lastBlock))!;
    assert.equal(block.inputs!.transactions.length, 1);
    assert.deepEqual(block.transactions, []);
    await agrees("replica-skip");
  });

  test("batches that came without a claim get one", async () => {
    const { client } = world.anvil;
    const claims = { address: world.deployment.contracts.stateClaims, abi: stateClaimsAbi } as const;
    const last = node.base.chain.lastDerived()!.header.batchIndex;
    assert.ok(last > 0n);
    await until("every batch is claimed", async () => {
      for (let index = 1n; index <= last; index++) {
        const prevOutputRoot = node.base.chain.derived(index - 1n)!.outputRoots.at(-1)!;
        const [status] = await client.readContract({
          ...claims,
          functionName: "claimOf",
          args: [index, prevOutputRoot],
        });
        if (status === 0) return false;
      }
      return true;
    });
  });
});
