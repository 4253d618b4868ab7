// An account that posts a batch and is paid back, on an L1 of its own.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { deployL1, encodeDeployment, type L1Deployment } from "@metis/node";
import {
  buildCertificate,
  DataMode,
  emptyClaim,
  profiles,
  signDigest,
  signingDomain,
  stateClaimDigest,
  zeroHash,
  type DataHeader,
} from "@metis/protocol";
import { batchInboxAbi, metisTokenAbi, posterVaultAbi } from "@metis/protocol/contracts";
import { smallDeployment, startAnvil, type Anvil } from "@metis/testing";
import { keccak256, parseEther, type Hash, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

suite("metis stake rewards of an account that posts batches", () => {
  const folder = mkdtempSync(join(tmpdir(), "metis-rewards-"));
  const [seatKey, posterKey] = [generatePrivateKey(), generatePrivateKey()];
  const [seat, poster] = [privateKeyToAccount(seatKey), privateKeyToAccount(posterKey)];
  let anvil: Anvil;
  let deployment: L1Deployment;

  const rewards = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const chain = ["--l1-rpc", anvil.url, "--deployment", join(folder, "deployment.json"), "--json"];
    await run(["stake", "rewards", ...args, ...chain, "--key-file", join(folder, "poster.key")], io);
    return JSON.parse(lines[0] ?? "{}") as Record<string, unknown>;
  };
  const mined = async (hash: Promise<Hash>): Promise<void> => {
    const { status } = await anvil.client.waitForTransactionReceipt({ hash: await hash });
    assert.equal(status, "success");
  };

  before(async () => {
    anvil = await startAnvil();
    for (const { address } of [seat, poster]) await anvil.client.setBalance({ address, value: parseEther("10") });
    deployment = await deployL1(
      smallDeployment(anvil, { seats: [{ owner: seat.address, amount: parseEther("20000"), signer: seat }] }),
    );
    writeFileSync(join(folder, "deployment.json"), encodeDeployment(deployment));
    writeFileSync(join(folder, "poster.key"), posterKey);
  });
  after(async () => {
    await anvil?.stop();
    rmSync(folder, { recursive: true });
  });

  /** Posts batch 1, which leaves the anchor where it is, by the vault. */
  const post = async (): Promise<void> => {
    const { contracts, genesisConfig, sequencers } = deployment;
    const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
    const head = await anvil.client.readContract({ ...inbox, functionName: "head" });
    const payload: Hex = "0x1234";
    // A batch may end no later than L1's own time, and a quick deployment takes less than a second of it.
    await anvil.client.increaseTime({ seconds: 2 });
    const header: DataHeader = {
      version: 1,
      batchIndex: 1n,
      parentHash: head.batchHash,
      generation: 0,
      epoch: 0n,
      lastTimestamp: head.lastTimestamp + 1n,
      depositCount: 0n,
      depositQueueHash: zeroHash,
      anchorNumber: head.anchorNumber,
      anchorHash: head.anchorHash,
      dataMode: DataMode.calldata,
      payloadHash: keccak256(payload),
      payloadSize: 2,
      dataCommitment: zeroHash,
      extraHash: zeroHash,
    };
    const claim = emptyClaim(header);
    const digest = stateClaimDigest(signingDomain(genesisConfig), claim);
    const certificate = buildCertificate(digest, sequencers, [signDigest(digest, seatKey)]);
    // An estimate, made at a price of zero, does not see what the record costs.
    const vault = { address: contracts.posterVault, abi: posterVaultAbi, account: poster, gas: 1_000_000n } as const;
    const args = [header, claim, certificate, payload] as const;
    await mined(anvil.client.writeContract({ ...vault, functionName: "submitBatch", args }));
  };

  /** What EmissionReserve does when the report of epoch 0 arrives, with `l1Fees` METIS wei. */
  const settle = async (l1Fees: bigint, rate: bigint): Promise<void> => {
    const { posterVault, emissionReserve, metisToken } = deployment.contracts;
    const fund = { address: metisToken, abi: metisTokenAbi, functionName: "transfer" } as const;
    await mined(anvil.client.writeContract({ ...fund, args: [posterVault, l1Fees], account: anvil.account(0) }));
    await anvil.client.impersonateAccount({ address: emissionReserve });
    await anvil.client.setBalance({ address: emissionReserve, value: parseEther("1") });
    const call = { address: posterVault, abi: posterVaultAbi, account: emissionReserve } as const;
    await mined(anvil.client.writeContract({ ...call, functionName: "settle", args: [0n, rate] }));
  };

  test("what posting cost is shown once its epoch is settled and over, and withdrawn to L1 alone", async () => {
    const { posterVault, metisToken } = deployment.contracts;
    await post();
    await anvil.client.mine({ blocks: profiles.devnet.chain.epochLength, interval: 1 });
    assert.equal((await rewards())["refunds"], "0");
    const args = [0n, poster.address] as const;
    const owedTo = { address: posterVault, abi: posterVaultAbi, functionName: "owedTo", args } as const;
    const refund = (await anvil.client.readContract(owedTo)) * 100n;
    await settle(parseEther("1000"), parseEther("100"));
    assert.ok(refund > 0n);
    assert.equal((await rewards())["refunds"], refund.toString());
    assert.equal(((await rewards("--to-l2"))["error"] as { code: string }).code, "nothing-earned");
    assert.equal((await rewards("--withdraw"))["refunds"], refund.toString());
    const balanceOf = { address: metisToken, abi: metisTokenAbi, functionName: "balanceOf" } as const;
    assert.equal(await anvil.client.readContract({ ...balanceOf, args: [poster.address] }), refund);
    assert.equal(((await rewards("--withdraw"))["error"] as { code: string }).code, "nothing-earned");
  });
});
