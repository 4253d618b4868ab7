import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { MetisNode } from "@metis/node";
import { blockAttestationDigest, predeploys, setHash, signingDomain, verifyCertificate } from "@metis/protocol";
import { l2ToL1MessagePasserAbi, metisTokenAbi, portalAbi } from "@metis/protocol/contracts";
import { createRpcClient } from "@metis/runtime";
import { hexToBigInt, hexToNumber, parseEventLogs } from "viem";
import type { Address, Hash, Hex } from "viem";
import { metis, until, World } from "./world.ts";

interface WireProof {
  readonly batchIndex: Hex;
  readonly claim: string;
  readonly outputProof: {
    readonly version: Hash;
    readonly stateRoot: Hash;
    readonly messagePasserStorageRoot: Hash;
    readonly blockHash: Hash;
  };
  readonly storageProof: readonly Hex[];
}

interface WireSigned {
  readonly attestation: {
    readonly generation: number;
    readonly epoch: Hex;
    readonly number: Hex;
    readonly blockHash: Hash;
    readonly outputRoot: Hash;
    readonly anchorNumber: Hex;
    readonly anchorHash: Hash;
  };
  readonly certificate: {
    readonly bitmap: Hex;
    readonly signatures: Hex;
    readonly members: readonly { readonly signer: Address; readonly weight: Hex }[];
  };
}

suite("rollup_* methods", () => {
  let world: World;
  let node: MetisNode;
  const ask = <T>(method: string, ...params: readonly unknown[]): Promise<T> =>
    createRpcClient({ url: node.rpcUrl }).request<T>(method, params);
  before(async () => {
    world = await World.start();
    world.mine();
    node = await world.sequencer();
  });
  after(() => world?.stop());

  test("a block is followed from signed to final, and its certificate is the pool's", async () => {
    const { wallet, reader } = world.clients(node);
    const hash = await wallet.sendTransaction({ to: world.anvil.account(6).address, value: 0n });
    const { blockNumber, blockHash } = await reader.waitForTransactionReceipt({ hash });
    const signed = await ask<WireSigned>("rollup_certificate", `0x${blockNumber.toString(16)}`);
    assert.equal(signed.attestation.blockHash, blockHash);
    const attestation = {
      ...signed.attestation,
      epoch: hexToBigInt(signed.attestation.epoch),
      number: hexToBigInt(signed.attestation.number),
      anchorNumber: hexToBigInt(signed.attestation.anchorNumber),
    };
    const certificate = {
      bitmap: hexToBigInt(signed.certificate.bitmap),
      signatures: signed.certificate.signatures,
      members: signed.certificate.members.map(({ signer, weight }) => ({ signer, weight: hexToBigInt(weight) })),
    };
    const digest = blockAttestationDigest(signingDomain(world.deployment.genesisConfig), attestation);
    const signers = verifyCertificate(certificate, digest, setHash(world.deployment.sequencers));
    assert.equal(signers.length, 1);

    const seen = new Set<string>();
    await until("it is final", async () => {
      const { status } = await ask<{ status: string }>("rollup_blockStatus", blockHash);
      seen.add(status);
      return status === "finalized";
    });
    assert.ok([...seen].every((status) => ["signed", "safe", "finalized"].includes(status)));
    const { batchIndex, claim } = await ask<{ batchIndex: Hex; claim: string }>("rollup_blockStatus", blockHash);
    assert.equal(claim, "posted");
    const batch = await ask<{ header: { batchIndex: Hex }; lastBlock: Hex }>("rollup_batch", batchIndex);
    assert.ok(hexToBigInt(batch.lastBlock) >= blockNumber);
    assert.equal((await ask<{ status: string }>("rollup_claim", batchIndex)).status, "posted");
    assert.equal(await ask("rollup_batch", "0xffff"), null);
  });

  test("the fee estimated is what a transaction pays, at most", async () => {
    const { wallet, reader } = world.clients(node);
    const { address } = world.anvil.account(5);
    const transfer = async () => {
      const hash = await wallet.sendTransaction({ to: world.anvil.account(6).address, value: 1n });
      return reader.waitForTransactionReceipt({ hash });
    };
    await world.leap(60);
    const { l1Depth } = world.deployment.chainConfig;
    const newest = (await world.anvil.client.getBlockNumber({ cacheTime: 0 })) - BigInt(l1Depth);
    // L1 stands still, and the chain is on its newest anchor: the price is the same for estimate and payment.
    await until("the chain is on L1's newest anchor", async () => {
      const { blockNumber } = await transfer();
      const signed = await ask<WireSigned | null>("rollup_certificate", `0x${blockNumber.toString(16)}`);
      return signed !== null && hexToBigInt(signed.attestation.anchorNumber) === newest;
    });
    const request = { from: address, to: world.anvil.account(6).address, value: "0x1" };
    const fee = await ask<{ totalFee: Hex; l1Fee: Hex; executionFee: Hex }>("rollup_estimateFee", request);
    assert.equal(hexToBigInt(fee.totalFee), hexToBigInt(fee.l1Fee) + hexToBigInt(fee.executionFee));
    assert.ok(hexToBigInt(fee.l1Fee) > 0n);
    const { l1Fee } = (await transfer()) as unknown as { l1Fee: Hex };
    const paid = hexToBigInt(l1Fee);
    world.mine();
    assert.ok(paid <= (hexToBigInt(fee.l1Fee) * 13n) / 10n && paid * 13n >= hexToBigInt(fee.l1Fee) * 10n);
  });

  test("a withdrawal's proof pays it on L1 once its claim has settled, and not before", async () => {
    const { wallet, reader } = world.clients(node);
    const target = "0x00000000000000000000000000000000000000e1";
    const hash = await wallet.writeContract({
      address: predeploys.l2ToL1MessagePasser,
      abi: l2ToL1MessagePasserAbi,
      functionName: "initiateWithdrawal",
      args: [target, 100_000n, "0x"],
      value: metis,
    });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    const [passed] = parseEventLogs({ abi: l2ToL1MessagePasserAbi, eventName: "MessagePassed", logs: receipt.logs });
    const { withdrawalHash, nonce, sender, value, gasLimit, data } = passed!.args;
    const number = `0x${receipt.blockNumber.toString(16)}`;
    const prove = () => ask<WireProof | null>("rollup_withdrawalProof", withdrawalHash, number);
    const early = await until("its batch is on L1", prove);
    const { contracts } = world.deployment;
    const call = (proof: WireProof) =>
      ({
        address: contracts.portal,
        abi: portalAbi,
        functionName: "finalizeWithdrawal",
        args: [
          { nonce, sender, target, value, gasLimit, data },
          hexToBigInt(proof.batchIndex),
          proof.outputProof,
          proof.storageProof,
        ],
        account: world.anvil.account(7),
      }) as const;
    await assert.rejects(world.anvil.client.simulateContract(call(early)));

    await world.increaseTime(121);
    const proof = await until("its claim settles", async () => {
      const now = await prove();
      return now?.claim === "settled" && now;
    });
    const paid = await world.anvil.client.writeContract(call(proof));
    assert.equal((await world.anvil.client.waitForTransactionReceipt({ hash: paid })).status, "success");
    const balance = { address: contracts.metisToken, abi: metisTokenAbi, functionName: "balanceOf" } as const;
    assert.equal(await world.anvil.client.readContract({ ...balance, args: [target] }), metis);
    await assert.rejects(world.anvil.client.simulateContract(call(proof)), /AlreadyFinalized/);
  });

  test("on a devnet evm_increaseTime moves L1's clock and L2 follows; state cannot be edited, and the answer says why", async () => {
    await world.pauseMining();
    const started = (await world.anvil.client.getBlock()).timestamp;
    await ask("evm_increaseTime", 100);
    world.mine();
    assert.ok((await world.anvil.client.getBlock()).timestamp >= started + 100n);
    const { reader } = world.clients(node);
    await until("L2 follows", async () => (await reader.getBlock()).timestamp >= started + 90n);
    await assert.rejects(ask("anvil_setBalance", predeploys.multicall3, "0x1"), /derived from L1/);
    const { generation } = await ask<{ generation: Hex }>("rollup_syncStatus");
    assert.equal(hexToNumber(generation), 0);
  });
});
