import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { deployL1, initialSet, type L1Deployment } from "@metis/node";
import {
  addressOfKey,
  blockAttestationDigest,
  chooseSet,
  equivocationId,
  profiles,
  setHash,
  signDigest,
  signerProofDigest,
  signerPublicKey,
  signingDomain,
  totalWeight,
  type BlockAttestation,
  type SetMember,
  type StakedSeat,
} from "@metis/protocol";
import { lockingPoolAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import {
  erc20Abi,
  keccak256,
  parseEther,
  parseEventLogs,
  stringToHex,
  type Account,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { startAnvil, type Anvil } from "./anvil.ts";
import { smallDeployment } from "./deployments.ts";

const tombstoned = 3;
const keyOf = (index: number): Hex => keccak256(stringToHex(`seat ${index}`));
const stakes = [100_000n, 20_000n, 30_000n, 20_000n, 45_000n].map((amount) => amount * 10n ** 18n);

suite("stakes on L1, as TypeScript sees them", () => {
  let anvil: Anvil;
  let deployment: L1Deployment;
  let pool: { readonly address: Address; readonly abi: typeof lockingPoolAbi };
  let slashing: { readonly address: Address; readonly abi: typeof slashingManagerAbi };

  const seats = stakes.map((amount, i) => ({
    owner: privateKeyToAccount(keccak256(stringToHex(`owner ${i}`))).address,
    amount,
    signer: privateKeyToAccount(keyOf(i)),
  }));
  const staked = async (): Promise<StakedSeat[]> => {
    const line = await anvil.client.readContract({ ...pool, functionName: "line" });
    return Promise.all(
      line.map(async (seqId) => {
        const seat = await anvil.client.readContract({ ...pool, functionName: "sequencers", args: [seqId] });
        const { signer, amount, delegated, jailedUntil } = seat;
        return { seqId, signer, own: amount, delegated, jailed: jailedUntil !== 0n };
      }),
    );
  };
  const chosen = async (): Promise<readonly SetMember[]> => chooseSet(await staked(), profiles.devnet.l1);
  const nextSet = async () => anvil.client.readContract({ ...pool, functionName: "nextSet" });
  const send = async (account: Account, request: object) => {
    const hash = await anvil.client.writeContract({ account, chain: null, ...request } as never);
    return anvil.client.waitForTransactionReceipt({ hash });
  };
  const toWindow = async (): Promise<bigint> => {
    const [epoch, firstBlock] = await anvil.client.readContract({ ...pool, functionName: "freezeWindow" });
    const head = await anvil.client.getBlockNumber();
    // A call is executed in the block after the head.
    if (head + 1n < firstBlock) await anvil.client.mine({ blocks: Number(firstBlock - head - 1n) });
    return epoch;
  };

  before(async () => {
    anvil = await startAnvil();
    deployment = await deployL1(smallDeployment(anvil, { seats, permissionless: true }));
    pool = { address: deployment.contracts.lockingPool, abi: lockingPoolAbi };
    slashing = { address: deployment.contracts.slashingManager, abi: slashingManagerAbi };
  });
  after(async () => anvil?.stop());

  test("the set of the deployment is the one that L1 computed, and its event shows it", async () => {
    assert.deepEqual(deployment.sequencers, initialSet(seats, profiles.devnet));
    const { blockNumber, setHash: stored } = await anvil.client.readContract({
      ...pool,
      functionName: "frozenSetOf",
      args: [0n],
    });
    assert.equal(stored, setHash(deployment.sequencers));
    const logs = await anvil.client.getContractEvents({
      ...pool,
      eventName: "EpochFrozen",
      args: { epoch: 0n },
      fromBlock: BigInt(blockNumber),
      toBlock: BigInt(blockNumber),
    });
    assert.deepEqual(
      logs[0]!.args.members!.map(({ signer, weight }) => ({ signer: signer.toLowerCase(), weight })),
      deployment.sequencers,
    );
  });

  test("a newcomer locks a stake with a proof made here, and the next set is the one computed here", async () => {
    const owner = anvil.account(4);
    const { lockingPool, lockingInfo, metisToken } = deployment.contracts;
    const amount = parseEther("61234.5");
    const token = { address: metisToken, abi: erc20Abi } as const;
    await send(anvil.account(0), { ...token, functionName: "transfer", args: [owner.address, amount] });
    await send(owner, { ...token, functionName: "approve", args: [lockingInfo, amount] });
    const key = keyOf(9);
    const signer = addressOfKey(key);
    const { l1ChainId } = deployment.chainConfig;
    const proof = signDigest(signerProofDigest({ l1ChainId, lockingPool, owner: owner.address, signer }), key);
    const publicKey = signerPublicKey(privateKeyToAccount(key).publicKey);
    await send(owner, { ...pool, functionName: "lockFor", args: [signer, amount, publicKey, proof] });
    const [hash, total] = await nextSet();
    const set = await chosen();
    assert.equal(set.length, 6);
    assert.equal(hash, setHash(set));
    assert.equal(total, totalWeight(set));
  });

  test("a frozen set is what the line gave, and its event holds the members that certificates show", async () => {
    const set = await chosen();
    const epoch = await toWindow();
    const { logs } = await send(anvil.account(5), { ...pool, functionName: "freeze", args: [epoch] });
    const [frozen] = parseEventLogs({ abi: lockingPoolAbi, logs, eventName: "EpochFrozen" });
    assert.equal(frozen!.args.epoch, epoch);
    assert.equal(setHash(frozen!.args.members), frozen!.args.setHash);
    assert.equal(frozen!.args.setHash, setHash(set));
    const [stored] = await anvil.client.readContract({ ...pool, functionName: "setOf", args: [epoch] });
    assert.equal(stored, setHash(set));
  });

  test("two attestations signed as nodes sign them cost the seat everything", async () => {
    const domain = signingDomain(deployment.genesisConfig);
    const attest = (hash: Hex): { attestation: BlockAttestation; signature: Hex } => {
      const attestation = {
        generation: 0,
        epoch: 1n,
        number: 77n,
        blockHash: hash,
        outputRoot: keccak256("0x02"),
        anchorNumber: 12n,
        anchorHash: keccak256("0x03"),
      };
      return { attestation, signature: signDigest(blockAttestationDigest(domain, attestation), keyOf(2)) };
    };
    const [a, b] = [attest(keccak256("0xaa")), attest(keccak256("0xbb"))];
    const reporter = anvil.account(6);
    await send(reporter, {
      ...slashing,
      functionName: "reportEquivocation",
      args: [a.attestation, a.signature, b.attestation, b.signature],
    });
    const seat = await anvil.client.readContract({ ...pool, functionName: "sequencers", args: [3n] });
    assert.equal(seat.status, tombstoned);
    assert.equal(seat.amount, 0n);
    const used = [equivocationId(3n, 0, 77n)] as const;
    assert.equal(await anvil.client.readContract({ ...slashing, functionName: "evidenceUsed", args: used }), true);
    const credit = [reporter.address] as const;
    assert.equal(
      await anvil.client.readContract({ ...slashing, functionName: "credits", args: credit }),
      stakes[2]! / 5n,
    );
    const [hash] = await nextSet();
    const set = await chosen();
    assert.equal(set.length, 5);
    assert.equal(hash, setHash(set));
  });
});
